import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ConfigError, loadConfig, loadTemporalConfig } from '../../src/config/config.ts';
import { isWithin } from '../../src/config/networks.ts';

/** The person who runs the tests may have a profile file that says otherwise. */
const folder = mkdtempSync(join(tmpdir(), 'holdfast-test-'));
const NO_PROFILE = { TEMPORAL_CONFIG_FILE: join(folder, 'temporal.toml') };
writeFileSync(NO_PROFILE.TEMPORAL_CONFIG_FILE, '[profile.default]\n');
afterAll(() => rmSync(folder, { recursive: true }));

const load = (env: Record<string, string> = {}): ReturnType<typeof loadConfig> => loadConfig({ ...NO_PROFILE, ...env });

test('the defaults are a developer on one machine', () => {
  expect(load()).toMatchObject({
    production: false,
    home: resolve('.holdfast'),
    web: { host: '127.0.0.1', port: 3000, password: undefined },
    temporal: { address: '127.0.0.1:7233', namespace: 'default', uiUrl: 'http://127.0.0.1:8233' },
  });
});

test('all problems are reported together, each with its value', () => {
  const env = { PORT: '70000', LOG_LEVEL: 'loud', HOLDFAST_SHUTDOWN_GRACE_MS: 'soon', TEMPORAL_UI_URL: 'ftp://x' };
  expect(() => load(env)).toThrow(ConfigError);
  for (const [name, value] of Object.entries(env)) expect(() => load(env)).toThrow(`- ${name}: "${value}"`);
});

test.each(['0.0.0.0', '192.168.1.5', '::'])('HOST=%s is refused without a password', (host) => {
  expect(() => load({ HOST: host })).toThrow(`HOST is ${host}, which other machines may reach: set HOLDFAST_PASSWORD`);
  expect(load({ HOST: host, HOLDFAST_PASSWORD: 'correct horse battery' }).web.host).toBe(host);
});

test('a password that is too short is refused and not printed', () => {
  expect(() => load({ HOLDFAST_PASSWORD: 'hunter2' })).toThrow(/HOLDFAST_PASSWORD: its value is not usable/);
  expect(() => load({ HOLDFAST_PASSWORD: 'hunter2' })).not.toThrow(/hunter2/);
});

describe('secrets from files', () => {
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  test('a file holds what the variable would, but for the end of its line', () => {
    const env = {
      HOLDFAST_PASSWORD_FILE: file('password', 'correct horse battery \n'),
      TEMPORAL_API_KEY_FILE: file('key', 'k\r\n'),
    };
    const { web, temporal } = load(env);
    expect(web.password).toBe('correct horse battery ');
    expect(temporal.connection).toMatchObject({ apiKey: 'k' });
    expect(loadTemporalConfig({ ...NO_PROFILE, ...env }).connection).toMatchObject({ apiKey: 'k' });
  });

  test('a file that is not there, or that holds nothing, is refused by its name', () => {
    const missing = join(folder, 'missing');
    expect(() => load({ HOLDFAST_PASSWORD_FILE: missing })).toThrow(
      new ConfigError([`HOLDFAST_PASSWORD_FILE: ${missing} cannot be read (ENOENT)`]),
    );
    const empty = file('empty', '\n');
    expect(() => load({ TEMPORAL_API_KEY_FILE: empty })).toThrow(
      new ConfigError([`TEMPORAL_API_KEY_FILE: ${empty} holds nothing`]),
    );
  });

  test('a variable and a file for the same secret are refused, since one of them would be ignored', () => {
    const env = { HOLDFAST_PASSWORD: 'correct horse battery', HOLDFAST_PASSWORD_FILE: file('other', 'hunter2hunter2') };
    expect(() => load(env)).toThrow(
      new ConfigError(['HOLDFAST_PASSWORD and HOLDFAST_PASSWORD_FILE are both set: leave one out']),
    );
  });

  test('a password in a file that is too short is refused and not printed', () => {
    const env = { HOLDFAST_PASSWORD_FILE: file('short', 'hunter2') };
    expect(() => load(env)).toThrow(/HOLDFAST_PASSWORD: its value is not usable/);
    expect(() => load(env)).not.toThrow(/hunter2/);
  });
});

test("TEMPORAL_ADDRESS wins over the dev server's port", () => {
  const { temporal } = load({ TEMPORAL_ADDRESS: 'temporal.example:7000', HOLDFAST_TEMPORAL_PORT: '7300' });
  expect(temporal).toMatchObject({
    address: 'temporal.example:7000',
    connection: { address: 'temporal.example:7000' },
  });
  expect(load({ HOLDFAST_TEMPORAL_PORT: '7300' }).temporal.address).toBe('127.0.0.1:7300');
});

test('an API key and a namespace come from the variables that the Temporal CLI reads', () => {
  const { temporal } = load({ TEMPORAL_ADDRESS: 'x:7233', TEMPORAL_NAMESPACE: 'jobs', TEMPORAL_API_KEY: 'k' });
  expect(temporal.namespace).toBe('jobs');
  expect(temporal.connection).toMatchObject({ apiKey: 'k' });
});

test('an empty variable means that it is not set', () => {
  expect(load({ PORT: '', LOG_LEVEL: '' })).toMatchObject({ web: { port: 3000 }, logLevel: 'info' });
});

test.each([
  ['', [], ['127.0.0.1', '::1']],
  ['10.0.0.5', ['10.0.0.5', '::ffff:10.0.0.5'], ['10.0.0.6', '127.0.0.1', 'fd00::1']],
  ['10.0.0.0/8, fd00::/8 ,', ['10.9.9.9', 'fd12::1'], ['11.0.0.1', 'fe80::1']],
])('HOLDFAST_TRUSTED_PROXIES=%s is %j and not %j', (value, trusted, others) => {
  const { trustedProxies } = load({ HOLDFAST_TRUSTED_PROXIES: value }).web;
  for (const address of trusted) expect(isWithin(trustedProxies, address), address).toBe(true);
  for (const address of others) expect(isWithin(trustedProxies, address), address).toBe(false);
});

test.each([
  ['proxy.example', 'proxy.example is no address and no network, such as 10.0.0.5 or 10.0.0.0/8'],
  ['10.0.0.5:80', '10.0.0.5:80 is no address and no network, such as 10.0.0.5 or 10.0.0.0/8'],
  ['*', '* is no address and no network, such as 10.0.0.5 or 10.0.0.0/8'],
  ['10.0.0.0/33', '10.0.0.0/33 has no prefix from /0 to /32'],
  ['10.0.0.0/', '10.0.0.0/ has no prefix from /0 to /32'],
  ['10.0.0.0/8/8', '10.0.0.0/8/8 has no prefix from /0 to /32'],
  ['fd00::/129', 'fd00::/129 has no prefix from /0 to /128'],
])('HOLDFAST_TRUSTED_PROXIES=%s is refused', (value, problem) => {
  expect(() => load({ HOLDFAST_TRUSTED_PROXIES: value })).toThrow(problem);
});

test.each([
  ['jobs.example', ['jobs.example']],
  ['jobs.example, Other.Example ,', ['jobs.example', 'other.example']],
  ['localhost,my_host,web', ['localhost', 'my_host', 'web']],
  ['10.0.0.5,fd00::1,[FD00::2]', ['10.0.0.5', 'fd00::1', 'fd00::2']],
  ['bücher.example', ['xn--bcher-kva.example']],
  ['', []],
  [' , ', []],
])('HOLDFAST_ALLOWED_HOSTS=%s is %j', (value, hosts) => {
  expect(load({ HOLDFAST_ALLOWED_HOSTS: value }).web.allowedHosts).toEqual(hosts);
});

test.each([
  ['jobs.example:8080', 'jobs.example:8080 has a port; write jobs.example'],
  ['jobs.example:80', 'jobs.example:80 has a port; write jobs.example'],
  ['jobs.example:', 'jobs.example: has a port; write jobs.example'],
  ['[fd00::1]:3000', '[fd00::1]:3000 has a port; write fd00::1'],
  ['https://jobs.example', 'https://jobs.example has a scheme; write jobs.example'],
  ['https://jobs.example:8443/', 'https://jobs.example:8443/ has a scheme; write jobs.example'],
  ['//jobs.example', '//jobs.example is no host name'],
  ['*', '* has a *; name each host'],
  ['*.example', '*.example has a *; name each host'],
  ['jobs.example/path', 'jobs.example/path is no host name'],
  ['jobs.example?a', 'jobs.example?a is no host name'],
  ['jobs.example#a', 'jobs.example#a is no host name'],
  ['me@jobs.example', 'me@jobs.example is no host name'],
  ['jobs example', 'jobs example is no host name'],
  ['a,https://b.example,c', 'https://b.example has a scheme; write b.example'],
  ['.', '. is no host name'],
  ['%zz', '%zz is no host name'],
])('HOLDFAST_ALLOWED_HOSTS=%s is refused, saying what to write', (value, sentence) => {
  const message = `HOLDFAST_ALLOWED_HOSTS: "${value}" is not usable (${sentence})`;
  expect(() => load({ HOLDFAST_ALLOWED_HOSTS: value })).toThrow(message);
});
