import { once } from 'node:events';
import { connect } from 'node:net';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { LIMITS } from '../../src/contract/limits.ts';
import { startWebServer, type WebServer } from '../../src/web/server.ts';
import { FakeJobs } from '../support/fake-jobs.ts';
import { freePort } from '../support/free-port.ts';
import { readEvents } from '../support/read-events.ts';

async function setup(): Promise<{ server: WebServer; jobs: FakeJobs; port: number }> {
  const jobs = new FakeJobs();
  const port = await freePort();
  const config = loadConfig({ PORT: String(port) });
  const server = await startWebServer({ config, jobs, log: pino({ level: 'silent' }) });
  onTestFinished(() => server.stop());
  return { server, jobs, port };
}

test('serves at its address until it is stopped, twice if need be', async () => {
  const { server, port } = await setup();
  expect(server.url).toBe(`http://127.0.0.1:${port}`);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  await Promise.all([server.stop(), server.stop()]);
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow('fetch failed');
});

test('starts and stops twenty times on one port', async () => {
  const port = await freePort();
  const config = loadConfig({ PORT: String(port) });
  for (let round = 0; round < 20; round += 1) {
    const server = await startWebServer({ config, jobs: new FakeJobs(), log: pino({ level: 'silent' }) });
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    await server.stop();
  }
});

test('a port in use is named, with what to do', async () => {
  const { port, jobs } = await setup();
  const second = startWebServer({ config: loadConfig({ PORT: String(port) }), jobs, log: pino({ level: 'silent' }) });
  await expect(second).rejects.toThrow(
    `The web server cannot listen on port ${port} of 127.0.0.1: something else does. Stop that, or set PORT to another port.`,
  );
});

test('a browser that hangs up releases its watch', async () => {
  const { server, jobs } = await setup();
  await jobs.start({ kind: 'NameWorkflow', args: { name: 'foo' }, delayMs: 60_000 }, 'j');
  const leave = new AbortController();
  const response = await fetch(`${server.url}/jobs/j/events`, { signal: leave.signal });
  await readEvents(response).until('job');
  expect(jobs.watching).toBe(1);
  leave.abort();
  await vi.waitFor(() => expect(jobs.watching).toBe(0));
});

test('stopping ends live pages at once', async () => {
  const { server, jobs } = await setup();
  await jobs.start({ kind: 'NameWorkflow', args: { name: 'foo' }, delayMs: 60_000 }, 'j');
  const events = readEvents(await fetch(`${server.url}/jobs/j/events`));
  await events.until('job');
  const start = performance.now();
  await server.stop();
  expect(performance.now() - start).toBeLessThan(1_000);
  expect(await events.next()).toBeUndefined();
  await vi.waitFor(() => expect(jobs.watching).toBe(0));
});

test('stopping lets a request finish that has begun', async () => {
  const { server, jobs } = await setup();
  const { promise: answer, resolve } = Promise.withResolvers<[]>();
  jobs.latest = () => answer;
  const response = fetch(`${server.url}/`);
  await vi.waitFor(async () => expect((await fetch(`${server.url}/healthz`)).status).toBe(200));
  const stopped = server.stop();
  resolve([]);
  expect((await response).status).toBe(200);
  await stopped;
});

test('a chunked body over the limit is refused while it is sent', async () => {
  const { port } = await setup();
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  let answer = '';
  socket.on('data', (data) => (answer += data.toString()));
  // The server hangs up on the rest.
  socket.on('error', () => undefined);
  socket.write(
    'POST /api/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
  );
  const chunk = 'x'.repeat(64 * 1024);
  for (let sent = 0; sent <= LIMITS.requestBytes; sent += chunk.length)
    socket.write(`${chunk.length.toString(16)}\r\n${chunk}\r\n`);
  await vi.waitFor(() => expect(answer).toMatch(/^HTTP\/1\.1 413 /));
  socket.destroy();
});
