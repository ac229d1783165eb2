import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { startWebServer, WIRE_TIMEOUTS, type WireTimeouts } from '../../src/web/server.ts';
import { FakeJobs } from '../support/fake-jobs.ts';
import { freePort } from '../support/free-port.ts';
import { CATALOGUE } from '../support/kinds.ts';
import { head, rawConnection, type RawConnection } from '../support/raw-http.ts';

const LINE = `${JSON.stringify({ kind: 'NameWorkflow', args: { name: 'foo' } })}\n`;
const CHUNKED = { 'Content-Type': 'application/x-ndjson', 'Transfer-Encoding': 'chunked' };
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

/** What proxies wait by default: nginx, HAProxy, AWS, Heroku. @format milliseconds */
const PROXIES_WAIT_MS = 60_000;

async function setup(timeouts: Partial<WireTimeouts> = {}): Promise<{ jobs: FakeJobs; connection: RawConnection }> {
  const jobs = new FakeJobs();
  const port = await freePort();
  const deps = {
    config: loadConfig({ PORT: String(port) }),
    catalogue: CATALOGUE,
    jobs,
    log: pino({ level: 'silent' }),
  };
  const server = await startWebServer(deps, { ...WIRE_TIMEOUTS, ...timeouts });
  onTestFinished(() => server.stop());
  return { jobs, connection: await rawConnection(port) };
}

test('a request has no time in which it must have come whole', async () => {
  const servers = new Set<Server>();
  const note = (message: unknown): void => void servers.add((message as { server: Server }).server);
  subscribe('http.server.request.start', note);
  onTestFinished(() => void unsubscribe('http.server.request.start', note));
  const { connection } = await setup();
  await connection.send(head('GET', '/healthz', { Connection: 'close' }));
  await connection.over;
  expect([...servers].map(({ requestTimeout }) => requestTimeout)).toEqual([0]);
});

test('a bulk request may take much longer than it may stand still', async () => {
  // A pause of ours is short beside that, also on a machine that stands still for a moment.
  const stalledMs = 1_500;
  const { jobs, connection } = await setup({ stalledMs, headersMs: stalledMs, keepAliveMs: stalledMs });
  await connection.send(head('POST', '/api/jobs/bulk', { ...CHUNKED, Connection: 'close' }));
  let sent = 0;
  for (const until = performance.now() + 1.5 * stalledMs; performance.now() < until; sent += 1) {
    await connection.send(chunk(LINE));
    await sleep(50);
  }
  await connection.send('0\r\n\r\n');
  expect(await connection.over).toBeUndefined();
  expect(connection.received().match(/"status":202/g)).toHaveLength(sent);
  expect(jobs.started).toHaveLength(sent);
});

test.each([
  ['a bulk request', head('POST', '/api/jobs/bulk', CHUNKED) + chunk(LINE), 1],
  ['a start', `${head('POST', '/api/jobs', { 'Content-Type': 'application/json', 'Content-Length': 100 })}{`, 0],
])('%s that stands still is cut off', async (_, beginning, started) => {
  const { jobs, connection } = await setup({ stalledMs: 300 });
  await connection.send(beginning);
  await connection.over;
  expect(jobs.started).toHaveLength(started);
});

test.each([
  ['a connection that never says anything', ''],
  ['a head that never ends', 'GET / HTTP/1.1\r\nHost: localhost\r\n'],
])('%s is cut off', async (_, beginning) => {
  const { connection } = await setup({ headersMs: 300 });
  if (beginning) await connection.send(beginning);
  await connection.over;
  expect(connection.received()).toMatch(/^(HTTP\/1\.1 408 .*)?/);
});

test('a connection is kept for longer than proxies keep it, and takes another request', async () => {
  const { connection } = await setup();
  for (let answers = 1; answers <= 2; answers += 1) {
    await connection.send(head('GET', '/healthz'));
    await expect.poll(() => connection.received().match(/HTTP\/1\.1 200 OK/g)?.length).toBe(answers);
  }
  const seconds = Number(/^keep-alive: timeout=(\d+)/im.exec(connection.received())?.[1]);
  expect(seconds * 1_000).toBeGreaterThan(PROXIES_WAIT_MS);
  expect(WIRE_TIMEOUTS.headersMs).toBeGreaterThan(WIRE_TIMEOUTS.keepAliveMs);
  expect(WIRE_TIMEOUTS.stalledMs).toBeGreaterThan(PROXIES_WAIT_MS);
});
