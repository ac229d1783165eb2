import { once } from 'node:events';
import { connect } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { LIMITS } from '../../src/contract/limits.ts';
import { startWebServer, type WebServer } from '../../src/web/server.ts';
import { FakeJobs } from '../support/fake-jobs.ts';
import { freePort } from '../support/free-port.ts';
import { asked, CATALOGUE } from '../support/kinds.ts';
import { head, rawConnection } from '../support/raw-http.ts';
import { readEvents } from '../support/read-events.ts';

async function setup(): Promise<{ server: WebServer; jobs: FakeJobs; port: number; log: string[] }> {
  const jobs = new FakeJobs();
  const log: string[] = [];
  const port = await freePort();
  const config = loadConfig({ PORT: String(port) });
  const server = await startWebServer({
    config,
    catalogue: CATALOGUE,
    jobs,
    log: pino({}, { write: (line) => void log.push(line) }),
  });
  onTestFinished(() => server.stop());
  return { server, jobs, port, log };
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
    const server = await startWebServer({
      config,
      catalogue: CATALOGUE,
      jobs: new FakeJobs(),
      log: pino({ level: 'silent' }),
    });
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    await server.stop();
  }
});

test('a port in use is named, with what to do', async () => {
  const { port, jobs } = await setup();
  const second = startWebServer({
    config: loadConfig({ PORT: String(port) }),
    catalogue: CATALOGUE,
    jobs,
    log: pino({ level: 'silent' }),
  });
  await expect(second).rejects.toThrow(
    `The web server cannot listen on port ${port} of 127.0.0.1: something else does. Stop that, or set PORT to another port.`,
  );
});

test('a browser that hangs up releases its watch', async () => {
  const { server, jobs } = await setup();
  await jobs.start(asked({ delayMs: 60_000 }), { idempotencyKey: 'j' });
  const leave = new AbortController();
  const response = await fetch(`${server.url}/jobs/j/events`, { signal: leave.signal });
  await readEvents(response).until('job');
  expect(jobs.watching).toBe(1);
  leave.abort();
  await vi.waitFor(() => expect(jobs.watching).toBe(0));
});

test('stopping ends live pages in order, and cuts none off', async () => {
  const { server, jobs } = await setup();
  await jobs.start(asked({ delayMs: 60_000 }), { idempotencyKey: 'j' });
  const events = readEvents(await fetch(`${server.url}/jobs/j/events`));
  await events.until('job');
  await server.stop();
  // One that is cut off when the time of a stop is over rejects.
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

const LINE = `${JSON.stringify({ kind: 'NameWorkflow', args: { name: 'foo' } })}\n`;

function bulkHead(length: number): string {
  return `POST /api/jobs/bulk HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n`;
}

test('a caller that reads no answer before it has sent every line gets all of them', async () => {
  const { port, jobs } = await setup();
  const count = 120_000;
  const body = Buffer.from(LINE.repeat(count));
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.pause();
  socket.write(bulkHead(body.length));
  // Its callback comes when the last byte is on its way.
  await new Promise((resolve) => socket.write(body, resolve));
  await vi.waitFor(() => expect(jobs.started).toHaveLength(count), { timeout: 20_000, interval: 200 });
  const chunks = await Array.fromAsync(socket as AsyncIterable<Buffer>);
  const answered = Buffer.concat(chunks).toString().split('"status":202').length - 1;
  expect(answered).toBe(count);
});

test('a caller that hangs up in the middle has no more started', async () => {
  const { port, jobs, log } = await setup();
  const { promise: started, resolve: startNow } = Promise.withResolvers<void>();
  jobs.startsWhen = () => started;
  // Few enough for the server to go on reading, so that it notices.
  const body = LINE.repeat(3_000);
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(bulkHead(body.length * 2));
  socket.write(body);
  await vi.waitFor(() => expect(jobs.slices).toHaveLength(2));
  socket.destroy();
  await vi.waitFor(() => expect(log.join('')).toContain('"event":"http.bulk"'));
  startNow();
  await vi.waitFor(() => expect(jobs.slicesUnderWay).toBe(0));
  expect(jobs.slices).toHaveLength(2);
  expect(log.join('')).toContain('"gone":true');
});

test('a chunked bulk body over the limit is answered as far as it was read', async () => {
  const { port, jobs } = await setup();
  // As Temporal does: when the limit is met, some jobs are still on their way.
  jobs.startsWhen = () => new Promise((resolve) => setTimeout(resolve, 20));
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  let answer = '';
  socket.on('data', (data) => (answer += data.toString()));
  // The server may hang up on the rest.
  socket.on('error', () => undefined);
  socket.write(
    'POST /api/jobs/bulk HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n',
  );
  const chunk = `${LINE.trimEnd().padEnd(1024 * 1024 - 1, ' ')}\n`;
  for (let sent = 0; sent <= LIMITS.bulkBytes; sent += chunk.length)
    socket.write(`${chunk.length.toString(16)}\r\n${chunk}\r\n`);
  await vi.waitFor(() => expect(answer).toContain('"status":413'), { timeout: 10_000 });
  expect(answer.match(/"status":202/g)).toHaveLength(LIMITS.bulkBytes / chunk.length);
  socket.destroy();
});

test('a bulk request of lines that are no jobs holds up nobody else, and its connection is of use afterwards', async () => {
  const { server, port } = await setup();
  const longest = monitorEventLoopDelay({ resolution: 5 });
  longest.enable();
  const body = '1\n'.repeat(200_000);
  const { send, received, socket, over } = await rawConnection(port);
  await send(head('POST', '/api/jobs/bulk', { 'Content-Type': 'application/x-ndjson', 'Content-Length': body.length }));
  await send(body);
  await vi.waitFor(() => expect(received()).toContain('too-many-refusals'));
  await send(head('GET', '/healthz'));
  await vi.waitFor(() => expect(received()).toContain('{"web":"ok"}'));
  longest.disable();
  // All of it at once took three seconds.
  expect(longest.max / 1e6).toBeLessThan(1_000);
  expect(received().length).toBeLessThan(2 * 1024 * 1024);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  socket.destroy();
  await over;
});
