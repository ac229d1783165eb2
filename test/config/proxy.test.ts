import { expect, test } from 'vitest';
import { describeAddress, readProxy, type Proxy } from '../../src/config/proxy.ts';

const REMOTE = 'temporal.example:7233';

function read(env: Record<string, string>, address = REMOTE): Proxy | undefined {
  return readProxy(env, address, (problem) => {
    throw new Error(problem);
  });
}

test('without one, the address is all that there is to say', () => {
  expect(read({})).toBeUndefined();
  expect(describeAddress({ address: REMOTE, proxy: undefined })).toBe(REMOTE);
});

test.each([
  [{ grpc_proxy: 'http://a:1', https_proxy: 'http://b:2', http_proxy: 'http://c:3' }, 'a:1', 'grpc_proxy'],
  [{ https_proxy: 'http://b:2', http_proxy: 'http://c:3' }, 'b:2', 'https_proxy'],
  [{ https_proxy: '', http_proxy: 'http://c' }, 'c:80', 'http_proxy'],
  [{ https_proxy: 'http://[::1]:3128' }, '[::1]:3128', 'https_proxy'],
])('%j is the way to another machine', (env, address, variable) => {
  expect(read(env)).toEqual({ address, variable, login: undefined });
});

test('a login is kept apart, and in no message', () => {
  const proxy = read({ https_proxy: 'http://us%40er:pass%2Fword@proxy:3128' });
  expect(proxy?.login).toEqual({ username: 'us@er', password: 'pass/word' });
  expect(describeAddress({ address: REMOTE, proxy })).toBe(`${REMOTE} through the proxy proxy:3128 (https_proxy)`);
});

test.each(['127.0.0.1:7233', '127.1.2.3:7233', 'localhost:7233', '[::1]:7233'])('%s needs none', (address) => {
  expect(read({ https_proxy: 'http://proxy:3128' }, address)).toBeUndefined();
  // Nor one that could not be used.
  expect(read({ https_proxy: 'socks5://proxy:1080' }, address)).toBeUndefined();
});

test.each([
  [{ no_proxy: 'temporal.example' }, REMOTE],
  [{ no_proxy: 'other, .example ' }, REMOTE],
  [{ no_proxy: '*' }, REMOTE],
  [{ no_proxy: '10.0.0.0/8' }, '10.1.2.3:7233'],
  [{ no_grpc_proxy: 'temporal.example', no_proxy: 'other' }, REMOTE],
])('%j excepts %s', (exceptions, address) => {
  expect(read({ https_proxy: 'http://proxy:3128', ...exceptions }, address)).toBeUndefined();
});

test.each([
  [{ no_proxy: 'other.example,,' }, REMOTE],
  [{ no_proxy: '10.0.0.0/8' }, '11.1.2.3:7233'],
  [{ no_proxy: '10.0.0.0/8' }, 'ten.example:7233'],
  [{ no_grpc_proxy: 'other', no_proxy: 'temporal.example' }, REMOTE],
])('%j does not except %s', (exceptions, address) => {
  expect(read({ https_proxy: 'http://proxy:3128', ...exceptions }, address)).toMatchObject({ address: 'proxy:3128' });
});

test.each([
  ['socks5://user:secret@proxy:1080', 'https_proxy is an address of the form socks5://'],
  ['https://proxy', 'https_proxy is an address of the form https://'],
  ['secret', 'https_proxy is no address'],
])('%s is refused with what to do, and not printed', (value, problem) => {
  expect(() => read({ https_proxy: value })).toThrow(problem);
  expect(() => read({ https_proxy: value })).toThrow('or no_grpc_proxy=temporal.example to go without');
  expect(() => read({ https_proxy: value })).not.toThrow('secret');
});
