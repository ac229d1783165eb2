import { once } from 'node:events';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { LIMITS } from '../../src/contract/limits.ts';
import { startWebServer } from '../../src/web/server.ts';
import { FakeJobs } from '../support/fake-jobs.ts';
import { freePort } from '../support/free-port.ts';
import { CATALOGUE } from '../support/kinds.ts';
import { head, rawConnection } from '../support/raw-http.ts';
import { until } from '../support/until.ts';

const MIB = 1024 * 1024;
const AT_ONCE = 60;

interface Refusal {
  readonly path: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly type: string;
}

const JSON_TYPE = { 'Content-Type': 'application/json' };
const LOGIN = { Authorization: `Basic ${btoa('holdfast:correct horse battery')}` };

/** Answers that no byte of the body is needed for. */
const REFUSALS: [string, Refusal][] = [
  ['a body that is too long', { path: '/api/jobs', status: 413, headers: JSON_TYPE, type: 'body-too-large' }],
  [
    'an encoded body',
    {
      path: '/api/jobs',
      status: 415,
      headers: { ...JSON_TYPE, 'Content-Encoding': 'gzip' },
      type: 'unsupported-media-type',
    },
  ],
  ['many jobs as one', { path: '/api/jobs/bulk', status: 415, headers: JSON_TYPE, type: 'unsupported-media-type' }],
  [
    'a request of another site',
    {
      path: '/api/jobs',
      status: 403,
      headers: { ...JSON_TYPE, 'Sec-Fetch-Site': 'cross-site' },
      type: 'cross-site-request',
    },
  ],
  [
    'a login of another kind',
    { path: '/api/jobs', status: 401, headers: { ...JSON_TYPE, Authorization: 'Bearer x' }, type: 'login-required' },
  ],
];

interface World {
  readonly port: number;
  readonly url: string;
  readonly jobs: FakeJobs;
  /** How many requests have got their answer, as the log says. */
  readonly answered: () => number;
}

async function setup(): Promise<World> {
  const jobs = new FakeJobs();
  const lines: string[] = [];
  const port = await freePort();
  const config = loadConfig({ PORT: String(port), HOLDFAST_PASSWORD: 'correct horse battery' });
  const log = pino({}, { write: (line) => void lines.push(line) });
  const server = await startWebServer({ config, catalogue: CATALOGUE, jobs, log });
  onTestFinished(() => server.stop());
  const answered = (): number => lines.filter((line) => line.includes('http.request')).length;
  return { port, url: server.url, jobs, answered };
}

const body = Buffer.alloc(3 * MIB, ' ');

/** Parts of an answer that came whole. */
function parse(received: string): { status: number; headers: string; problem: { type: string } } {
  const [headers = '', text = ''] = received.split(/\r\n\r\n(.*)/s);
  expect(headers).toMatch(/^content-type: application\/problem\+json$/im);
  expect(headers).toMatch(new RegExp(`^content-length: ${text.length}$`, 'im'));
  return { status: Number(received.slice(9, 12)), headers, problem: JSON.parse(text) as { type: string } };
}

function distinct<T>(answers: readonly T[]): T[] {
  return answers.filter((answer, place) => answers.findIndex((other) => isDeepStrictEqual(other, answer)) === place);
}

describe.each(REFUSALS)('the refusal of %s', (_, { path, status, headers, type }) => {
  const expected = { status, type: `/api/docs#${type}` };

  test('reaches callers that use fetch', async () => {
    const { url } = await setup();
    const asked = Array.from({ length: AT_ONCE }, async () => {
      const response = await fetch(`${url}${path}`, { method: 'POST', body, headers: { ...LOGIN, ...headers } });
      const { type: answered } = (await response.json()) as { type: string };
      return { status: response.status, type: answered, connection: response.headers.get('connection') };
    });
    expect(distinct(await Promise.all(asked))).toEqual([{ ...expected, connection: 'close' }]);
  });

  test('reaches callers that read nothing before they have sent everything', async () => {
    const { port, answered } = await setup();
    const asked = Array.from({ length: AT_ONCE }, async () => {
      const { socket, send, over, received } = await rawConnection(port);
      socket.pause();
      await send(head('POST', path, { ...LOGIN, ...headers, 'Content-Length': body.length }));
      // The answers are there long before the bodies are sent.
      await until('every caller is answered', async () => answered() === AT_ONCE, 20_000);
      await send(body);
      socket.resume();
      expect(await over).toBeUndefined();
      const answer = parse(received());
      expect(answer.headers).toMatch(/^connection: close$/im);
      return { status: answer.status, type: answer.problem.type };
    });
    expect(distinct(await Promise.all(asked))).toEqual([expected]);
  });

  test('reaches callers that send in chunks', async () => {
    const { port } = await setup();
    const asked = Array.from({ length: AT_ONCE }, async () => {
      const sent = request({ port, path, method: 'POST', headers: { ...LOGIN, ...headers } });
      const answered = once(sent, 'response');
      for (let from = 0; from < body.length; from += MIB) {
        sent.write(body.subarray(from, from + MIB));
        await sleep(5);
      }
      sent.end();
      const [response] = (await answered) as [AsyncIterable<Buffer> & { statusCode: number }];
      const text = Buffer.concat(await Array.fromAsync(response)).toString();
      return { status: response.statusCode, type: (JSON.parse(text) as { type: string }).type };
    });
    expect(distinct(await Promise.all(asked))).toEqual([expected]);
  });
});

test('a bulk request that is too long, by its length, is told so though it sends everything first', async () => {
  const { port } = await setup();
  const { socket, send, over, received } = await rawConnection(port);
  socket.pause();
  const type = { 'Content-Type': 'application/x-ndjson' };
  await send(head('POST', '/api/jobs/bulk', { ...LOGIN, ...type, 'Content-Length': LIMITS.bulkBytes + MIB }));
  for (let sent = 0; sent < LIMITS.bulkBytes + MIB; sent += MIB) await send(Buffer.alloc(MIB, '\n'));
  socket.resume();
  expect(await over).toBeUndefined();
  expect(parse(received()).status).toBe(413);
});

test('a bulk request that grows too long is answered whole though it sends everything first', async () => {
  const { port } = await setup();
  const { socket, send, over, received } = await rawConnection(port);
  socket.pause();
  const headers = { ...LOGIN, 'Content-Type': 'application/x-ndjson', 'Transfer-Encoding': 'chunked' };
  await send(head('POST', '/api/jobs/bulk', { ...headers, Connection: 'close' }));
  const line = `${JSON.stringify({ kind: 'NameWorkflow', args: { name: 'foo' } }).padEnd(MIB - 1, ' ')}\n`;
  for (let sent = 0; sent < LIMITS.bulkBytes + 8 * MIB; sent += MIB) {
    await send(`${MIB.toString(16)}\r\n${line}\r\n`);
    if (sent > LIMITS.bulkBytes) await sleep(100);
  }
  await send('0\r\n\r\n');
  socket.resume();
  expect(await over).toBeUndefined();
  expect(received().match(/"status":202/g)).toHaveLength(64);
  expect(received()).toContain('"line":65,"status":413');
  expect(received()).toMatch(/\r\n0\r\n\r\n$/);
});

test('a caller that sends without end is hung up on', async () => {
  const { port } = await setup();
  const { send, over, received } = await rawConnection(port);
  await send(head('POST', '/api/jobs', { ...LOGIN, ...JSON_TYPE, 'Content-Length': 1024 ** 4 }));
  const chunk = Buffer.alloc(MIB);
  let sent = 0;
  const isOver = over.then(() => true);
  while (
    !(await Promise.race([
      isOver,
      send(chunk).then(
        () => false,
        () => true,
      ),
    ]))
  )
    sent += MIB;
  expect(parse(received()).status).toBe(413);
  expect(sent).toBeGreaterThanOrEqual(64 * MIB);
  expect(sent).toBeLessThan(256 * MIB);
});

test('a refusal that needed the whole body leaves the connection open', async () => {
  const { url } = await setup();
  const response = await fetch(`${url}/api/jobs`, {
    method: 'POST',
    body: 'oops',
    headers: { ...LOGIN, ...JSON_TYPE },
  });
  expect(response.status).toBe(400);
  expect(response.headers.get('connection')).toBe('keep-alive');
});

test('the body of a stranger is hung up on soon', async () => {
  const { port } = await setup();
  const { send, over, received } = await rawConnection(port);
  const headers = { 'Content-Type': 'application/x-ndjson', 'Content-Length': LIMITS.bulkBytes };
  await send(head('POST', '/api/jobs/bulk', headers));
  await vi.waitFor(() => expect(parse(received()).status).toBe(401));
  let sent = 0;
  const hungUp = over.then(() => true);
  const send1 = async (): Promise<boolean> =>
    send(Buffer.alloc(MIB)).then(
      () => false,
      () => true,
    );
  while (!(await Promise.race([hungUp, send1()]))) sent += MIB;
  // What is on its way in the machine's own buffers comes on top of what is read.
  expect(sent).toBeLessThan(24 * MIB);
});

describe('a caller that waits to be asked for its body', () => {
  const expecting = { ...JSON_TYPE, Expect: '100-continue' };

  test.each(REFUSALS)('is refused without, by the refusal of %s', async (_, { path, status, headers }) => {
    const { port } = await setup();
    const { send, over, received, socket } = await rawConnection(port);
    await send(head('POST', path, { ...expecting, ...LOGIN, ...headers, 'Content-Length': body.length }));
    await vi.waitFor(() => expect(received()).not.toBe(''));
    expect(parse(received()).status).toBe(status);
    socket.destroy();
    await over;
  });

  test.each([
    ['/api/jobs', JSON_TYPE, 'HTTP/1.1 202 Accepted'],
    ['/api/jobs/bulk', { 'Content-Type': 'application/x-ndjson' }, '"status":202'],
  ])('is asked for one that %s takes', async (path, type, answer) => {
    const { port } = await setup();
    const { send, received, socket, over } = await rawConnection(port);
    const job = JSON.stringify({ kind: 'NameWorkflow', args: { name: 'foo' } });
    await send(head('POST', path, { ...expecting, ...LOGIN, ...type, 'Content-Length': job.length }));
    await vi.waitFor(() => expect(received()).toContain('HTTP/1.1 100 Continue\r\n\r\n'));
    await send(job);
    await vi.waitFor(() => expect(received()).toContain(answer));
    socket.destroy();
    await over;
  });
});
