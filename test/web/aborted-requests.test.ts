import { pino } from 'pino';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { startWebServer } from '../../src/web/server.ts';
import { FakeJobs } from '../support/fake-jobs.ts';
import { freePort } from '../support/free-port.ts';
import { asked, CATALOGUE } from '../support/kinds.ts';
import { head, rawConnection } from '../support/raw-http.ts';

interface LogLine {
  readonly event: string;
  readonly level: number;
  readonly status?: number;
}

/** What is called on `console`, as libraries do with errors that they do not know better than to print. */
const printed: unknown[][] = [];

beforeEach(() => {
  printed.length = 0;
  for (const level of ['log', 'info', 'warn', 'error', 'debug'] as const)
    vi.spyOn(console, level).mockImplementation((...said) => void printed.push(said));
  onTestFinished(() => void vi.restoreAllMocks());
});

async function setup() {
  const log: LogLine[] = [];
  const jobs = new FakeJobs();
  await jobs.start(asked({ delayMs: 60_000 }), { idempotencyKey: 'j' });
  const port = await freePort();
  const logger = pino({ level: 'debug' }, { write: (line) => void log.push(JSON.parse(line) as LogLine) });
  const server = await startWebServer({
    config: loadConfig({ PORT: String(port) }),
    catalogue: CATALOGUE,
    jobs,
    log: logger,
  });
  onTestFinished(() => server.stop());
  /** All of it has been said, and nothing of it is a fault. */
  const expectNoFault = async (): Promise<void> => {
    await vi.waitFor(() => expect(log.some(({ event }) => event === 'http.request')).toBe(true));
    await server.stop();
    expect(log.filter(({ level, status = 0 }) => level > 30 || status >= 500)).toEqual([]);
    expect(JSON.stringify(log)).not.toContain('stack');
    expect(printed).toEqual([]);
  };
  return { jobs, port, log, expectNoFault };
}

const JSON_TYPE = { 'Content-Type': 'application/json' };
const NDJSON_TYPE = { 'Content-Type': 'application/x-ndjson' };
const CHUNKED = { 'Transfer-Encoding': 'chunked' };
const LONG = { 'Content-Length': 100_000 };

test.each([
  ['POST', '/api/jobs', { ...JSON_TYPE, ...LONG }, '{"kind":'],
  ['POST', '/api/jobs', { ...JSON_TYPE, ...CHUNKED }, '8\r\n{"kind":\r\n'],
  ['POST', '/api/jobs', { ...NDJSON_TYPE, ...LONG }, '{"kind":'],
  ['PATCH', '/api/jobs/j', { ...JSON_TYPE, ...LONG }, '{"args":'],
  ['POST', '/jobs/j/reschedule', { 'Content-Type': 'application/x-www-form-urlencoded', ...LONG }, 'dueAt='],
  ['POST', '/api/jobs/bulk', { ...NDJSON_TYPE, ...LONG }, '1\n{"kind":'],
  ['POST', '/api/jobs/bulk', { ...NDJSON_TYPE, ...CHUNKED }, '8\r\n{"kind":\r\n'],
  ['POST', '/api/jobs/bulk', { ...JSON_TYPE, ...LONG }, '{"kind":'],
])('a caller that hangs up amid its body is no fault: %s %s %j', async (method, path, headers, start) => {
  for (const hangUp of ['destroy', 'resetAndDestroy'] as const) {
    const { port, expectNoFault } = await setup();
    const { send, socket, over, received } = await rawConnection(port);
    await send(head(method, path, { ...headers, Expect: '100-continue' }));
    // Asked for its body, or refused: a reset before that would take the request itself along.
    await vi.waitFor(() => expect(received()).not.toBe(''));
    await send(start);
    socket[hangUp]();
    await over;
    await expectNoFault();
  }
});

test.each(['/', '/jobs/j', '/jobs/j/events', '/api/jobs/j', '/readyz'])(
  'a caller of %s that hangs up before it is answered is no fault',
  async (path) => {
    const { jobs, port, expectNoFault } = await setup();
    const isAsked = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<void>();
    const hold = async (): Promise<void> => {
      isAsked.resolve();
      await answered.promise;
    };
    const [read, latest, health] = [jobs.read, jobs.latest, jobs.health];
    const watch = jobs.watch.bind(jobs);
    jobs.read = async (id) => hold().then(async () => read(id));
    jobs.latest = async (limit) => hold().then(async () => latest(limit));
    jobs.health = async () => hold().then(async () => health());
    jobs.watch = async function* watchSlowly(id, signal) {
      await hold();
      yield* watch(id, signal);
    };
    const { send, socket, over } = await rawConnection(port);
    await send(head('GET', path));
    await isAsked.promise;
    socket.resetAndDestroy();
    await over;
    answered.resolve();
    await expectNoFault();
  },
);
