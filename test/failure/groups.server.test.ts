/** Whatever happens to the worker that has a chunk in hand, each of its jobs ends well, and none that was done runs again. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { createJobs } from '../../src/temporal/create-jobs.ts';
import { connectClient } from '../../src/temporal/connect.ts';
import type { Jobs } from '../../src/temporal/jobs.ts';
import { watchWorkers } from '../../src/temporal/worker-presence.ts';
import type { JobView } from '../../src/job/job.ts';
import { findOnPath } from '../../src/process/find-on-path.ts';
import { installRuntime } from '../../src/worker/create-workers.ts';
import { runWorker } from '../../src/worker/run-worker.ts';
import { startTestDevServer, type TestDevServer } from '../support/dev-server.ts';
import { kill } from '../support/kill.ts';
import type { RequestedJob } from '../../src/contract/schemas/job-request.ts';
import { asked } from '../support/kinds.ts';
import { temporaryHome } from '../support/temporary-home.ts';
import { until } from '../support/until.ts';

const ENTRY = fileURLToPath(new URL('../support/group-runner.ts', import.meta.url));

const log = pino({ level: 'silent' });
installRuntime(log);

let server: TestDevServer;
let client: ReturnType<typeof connectClient>;
let jobs: Jobs;

beforeAll(async () => {
  server = await startTestDevServer({ path: inject('temporalCli'), version: inject('temporalCliVersion') });
  client = connectClient(loadConfig({ TEMPORAL_ADDRESS: server.server.address }).temporal);
  jobs = createJobs(client);
});
afterAll(async () => {
  await client.connection.close();
  await server[Symbol.asyncDispose]();
});

interface Workers extends AsyncDisposable {
  /** `begun NAME` and `done NAME`, with the process that it was. */
  runs(what: 'begun' | 'done'): { readonly name: string; readonly pid: number }[];
  /** Asks for an orderly stop. */
  stop(): Promise<void>;
}

/** A worker in this process and its runners, on a queue of their own. */
async function startWorkers(
  queue: string,
  { processes = 1, concurrency = 10, graceMs = 10_000 } = {},
): Promise<Workers> {
  const home = await temporaryHome();
  const file = join(home.path, 'runs');
  const [first, second] = [new AbortController(), new AbortController()];
  const config = loadConfig({
    TEMPORAL_ADDRESS: server.server.address,
    HOLDFAST_HOME: home.path,
    HOLDFAST_SHUTDOWN_GRACE_MS: String(graceMs),
  });
  const running = runWorker({
    config,
    queues: [{ name: queue, concurrency }],
    concurrency,
    prepareBundle: async () => inject('workflowBundlePath'),
    runnerProgram: {
      entry: ENTRY,
      args: [file],
      env: process.env,
      setpriv: await findOnPath('setpriv', process.env['PATH']),
    },
    processes,
    log,
    stop: { first: first.signal, second: second.signal },
  });
  const workers: Workers = {
    runs: (what) =>
      linesOf(file)
        .map((line) => /^(?<event>\w+) (?<name>.*) (?<pid>\d+)$/.exec(line)?.groups ?? {})
        .filter(({ event }) => event === what)
        .map(({ name = '', pid }) => ({ name, pid: Number(pid) })),
    async stop() {
      first.abort();
      await running;
    },
    async [Symbol.asyncDispose]() {
      first.abort();
      second.abort();
      await running;
      await home[Symbol.asyncDispose]();
    },
  };
  // Those of the test before are listed for seconds after their end, so a worker of any queue is not enough.
  const watch = watchWorkers(client);
  await until('a worker is there', async () => (await watch.presence(queue)) === 'present', 30_000);
  await until('that is seen', async () => (await jobs.health()).workers === 'present', 10_000);
  return workers;
}

function linesOf(file: string): string[] {
  try {
    // What follows the last line break is a line that is being written.
    return readFileSync(file, 'utf8').split('\n').slice(0, -1);
  } catch {
    return [];
  }
}

async function enqueue(queue: string, names: readonly string[], more: Partial<RequestedJob> = {}): Promise<string[]> {
  const requests = names.map((name) => ({
    request: asked({ args: { name }, queue, ...more }),
  }));
  const started = await jobs.startAll(requests);
  return started.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value.job.id;
  });
}

async function end(id: string): Promise<JobView> {
  const signal = AbortSignal.timeout(40_000);
  for await (const { job } of jobs.watch(id, signal)) if (job.endedAt !== null) return job;
  throw new Error(`Job ${id} did not end within 40 s.`);
}

function countsOf(workers: Workers, what: 'begun' | 'done'): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { name } of workers.runs(what)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

test('SIGKILL in mid-chunk: what is done stays done, and what ran runs again at once', async () => {
  await using workers = await startWorkers('mid-chunk', { processes: 2, concurrency: 4 });
  const quick = Array.from({ length: 20 }, (_, n) => `quick ${n}`);
  const slow = ['sleep 1500 a', 'sleep 1500 b'];
  const ids = await enqueue('mid-chunk', [...quick, ...slow]);
  await until(
    'all that is quick is done, and what is slow runs',
    async () => workers.runs('begun').length === 22,
    20_000,
  );
  const victim = workers.runs('begun').find(({ name }) => name === slow[0]);
  kill(victim?.pid);
  const ends = await Promise.all(ids.map(end));
  expect(new Set(ends.map(({ state }) => state))).toEqual(new Set(['done']));
  for (const name of quick) expect(countsOf(workers, 'begun').get(name)).toBe(1);
  const crashed = ends.filter(({ crashes }) => crashes > 0);
  expect(crashed.length).toBeGreaterThan(0);
  for (const { attempts, attempt } of crashed) {
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['crashed', 'done']);
    expect(attempt).toBe(1);
  }
}, 60_000);

test('SIGKILL between chunks: the next ones run, and none of the last one’s again', async () => {
  await using workers = await startWorkers('between', { processes: 2 });
  const first = await enqueue('between', ['now a', 'now b', 'now c']);
  const dueAt = new Date(Date.now() + 2_000).toISOString();
  const later = await enqueue('between', ['later a', 'later b', 'later c'], { dueAt });
  await Promise.all(first.map(end));
  new Set(workers.runs('done').map((run) => run.pid)).forEach(kill);
  const ends = await Promise.all(later.map(end));
  expect(ends.map(({ state, attempts }) => [state, attempts.length])).toEqual(ends.map(() => ['done', 1]));
  expect([...countsOf(workers, 'begun').values()]).toEqual([1, 1, 1, 1, 1, 1]);
}, 60_000);

test('a job that kills its processes ends dead, and the others are done, again only if one died with them', async () => {
  await using workers = await startWorkers('poison', { processes: 2 });
  const others = Array.from({ length: 30 }, (_, n) => `other ${n}`);
  const [poison = '', ...ids] = await enqueue('poison', ['kill', ...others]);
  const ends = await Promise.all(ids.map(end));
  expect(new Set(ends.map(({ state }) => state))).toEqual(new Set(['done']));
  await until('it is dead', async () => (await jobs.read(poison)).job.state === 'dead', 40_000);
  const { job } = await jobs.read(poison);
  expect(job).toMatchObject({ suspect: false, error: { type: 'PoisonPill' } });
  expect(job.attempts.filter(({ evidence }) => evidence === 'alone').length).toBeGreaterThanOrEqual(3);
  expect(job.crashes).toBeLessThanOrEqual(5);
  const runs = countsOf(workers, 'done');
  for (const [n, name] of others.entries()) expect(runs.get(name)).toBeLessThanOrEqual((ends[n]?.crashes ?? 0) + 1);
}, 90_000);

test('SIGTERM in mid-chunk: what runs ends in peace, what waits goes to others at once', async () => {
  await using leaving = await startWorkers('leaving', { concurrency: 2 });
  const names = ['sleep 1500 a', 'sleep 1500 b', ...Array.from({ length: 10 }, (_, n) => `quick ${n}`)];
  const ids = await enqueue('leaving', names);
  await until('two run', async () => leaving.runs('begun').length === 2, 20_000);
  const stopped = leaving.stop();
  await using staying = await startWorkers('leaving');
  const ends = await Promise.all(ids.map(end));
  await stopped;
  expect(new Set(ends.map(({ state }) => state))).toEqual(new Set(['done']));
  expect(ends.every(({ attempts }) => attempts.length === 1)).toBe(true);
  expect(leaving.runs('done')).toHaveLength(2);
  expect(staying.runs('done')).toHaveLength(10);
}, 60_000);

test('a grace time that is too short interrupts what runs, which uses no retry delay and counts as no crash', async () => {
  await using leaving = await startWorkers('hurried', { graceMs: 200 });
  const ids = await enqueue('hurried', ['sleep 5000 a', 'sleep 1 b']);
  await until('both have begun', async () => leaving.runs('begun').length === 2, 20_000);
  await leaving.stop();
  const [interrupted] = await Promise.all(ids.slice(0, 1).map((id) => jobs.read(id)));
  expect(interrupted?.job).toMatchObject({ crashes: 0, attempts: [{ outcome: 'interrupted' }] });
  await using staying = await startWorkers('hurried');
  const [first, second] = await Promise.all(ids.map(end));
  expect(first?.attempts.map(({ outcome }) => outcome)).toEqual(['interrupted', 'done']);
  expect(first?.attempt).toBe(1);
  expect(second?.attempts).toHaveLength(1);
  expect(staying.runs('done')).toHaveLength(1);
}, 60_000);

test('a job that fails is retried by itself, at its first retry delay, while a slow one of its chunk still runs', async () => {
  await using workers = await startWorkers('trouble');
  const [slow = '', failing = ''] = await enqueue('trouble', ['sleep 3000 a', 'fail b'], { retryDelaysMs: [100] });
  const job = await end(failing);
  expect(job.attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'done']);
  expect(workers.runs('done').map(({ name }) => name)).toEqual(['fail b']);
  expect((await jobs.read(slow)).job.state).toBe('running');
  expect((await end(slow)).state).toBe('done');
}, 60_000);

test('one job that runs is cancelled, and the others of its chunk go on', async () => {
  await using workers = await startWorkers('cancel-one');
  const [one = '', other = ''] = await enqueue('cancel-one', ['sleep 20000 a', 'sleep 2000 b']);
  await until('both run', async () => workers.runs('begun').length === 2, 20_000);
  await jobs.act(one, { type: 'cancel' });
  expect((await end(one)).state).toBe('cancelled');
  expect((await end(other)).state).toBe('done');
  expect(workers.runs('begun')).toHaveLength(2);
}, 60_000);

test('a job that fails long after its heartbeat said that it runs is retried by itself', async () => {
  await using workers = await startWorkers('late');
  const ids = await enqueue('late', ['late 1500 a', 'quick b', 'sleep 3000 c'], { retryDelaysMs: [100] });
  await until('a heartbeat has told', async () => (await jobs.read(ids[0] ?? '')).job.state === 'running', 20_000);
  const [late, quick, slow] = await Promise.all(ids.map(end));
  expect(late?.attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'done']);
  expect([quick, slow].map((job) => job?.attempts.length)).toEqual([1, 1]);
  expect(workers.runs('begun')).toHaveLength(4);
}, 60_000);

test('a job that is due, and waits for a slow one, can be rescheduled, and the others go on', async () => {
  await using workers = await startWorkers('full', { concurrency: 1 });
  const [slow = '', moved = '', other = ''] = await enqueue('full', ['sleep 3000 a', 'now b', 'now c']);
  await until('the slow one runs', async () => workers.runs('begun').length === 1, 20_000);
  const dueAt = new Date(Date.now() + 3_600_000).toISOString();
  expect(await jobs.act(moved, { type: 'reschedule', dueAt })).toMatchObject({ applied: 'now', job: { dueAt } });
  expect((await jobs.read(slow)).job.state).toBe('running');
  expect((await end(other)).state).toBe('done');
  expect((await jobs.read(moved)).job).toMatchObject({ state: 'scheduled', dueAt, attempts: [] });
  await jobs.act(moved, { type: 'discard' });
  expect(workers.runs('begun').map(({ name }) => name)).toEqual(['sleep 3000 a', 'now c']);
}, 60_000);

test('of two groups that wait, the one with the higher priority goes first', async () => {
  await using workers = await startWorkers('priorities', { concurrency: 1 });
  const first = await enqueue('priorities', ['sleep 2000 first']);
  await until('its only slot is taken', async () => workers.runs('begun').length === 1, 20_000);
  const low = await enqueue('priorities', ['low a', 'low b', 'low c'], { priority: 5 });
  const high = await enqueue('priorities', ['high a', 'high b', 'high c'], { priority: 1 });
  await Promise.all([...first, ...low, ...high].map(end));
  const order = workers.runs('begun').map(({ name }) => name.split(' ')[0]);
  expect(order).toEqual(['sleep', 'high', 'high', 'high', 'low', 'low', 'low']);
}, 60_000);

test('a queue that is paused begins none of a group’s jobs, and goes on when it is resumed', async () => {
  await using workers = await startWorkers('paused');
  await limitQueue('paused', 0);
  const ids = await enqueue(
    'paused',
    Array.from({ length: 20 }, (_, n) => `now ${n}`),
  );
  await until('all wait in the queue', async () => (await jobs.read(ids[19] ?? '')).job.state === 'queued', 10_000);
  // Long enough for a worker that does not mind: without the pause they are through in a tenth of this.
  const seen = await Promise.race([end(ids[0] ?? ''), delay(2_000)]);
  expect(seen).toBeUndefined();
  expect(workers.runs('begun')).toEqual([]);
  await limitQueue('paused', undefined);
  const ends = await Promise.all(ids.map(end));
  expect(new Set(ends.map(({ state }) => state))).toEqual(new Set(['done']));
}, 60_000);

test('a queue’s rate limit holds for a group’s jobs, one by one', async () => {
  await using workers = await startWorkers('limited');
  await limitQueue('limited', 5);
  // Workers look every second whether their queues have a limit.
  await delay(1_500);
  const ids = await enqueue(
    'limited',
    Array.from({ length: 20 }, (_, n) => `now ${n}`),
  );
  const ends = await Promise.all(ids.map(end));
  const starts = ends.map(({ startedAt }) => Date.parse(startedAt ?? '')).sort((a, b) => a - b);
  // Temporal lets a second's worth through at once, and then five a second.
  expect((starts.at(-1) ?? 0) - (starts[0] ?? 0)).toBeGreaterThan(2_000);
  expect(workers.runs('begun')).toHaveLength(20);
}, 60_000);

/** As `temporal task-queue config set` does. @param perSecond 0 pauses the queue, `undefined` frees it */
async function limitQueue(queue: string, perSecond: number | undefined): Promise<void> {
  await client.workflowService.updateTaskQueueConfig({
    namespace: 'default',
    identity: 'test',
    taskQueue: queue,
    taskQueueType: 2,
    updateQueueRateLimit: {
      reason: 'test',
      ...(perSecond !== undefined && { rateLimit: { requestsPerSecond: perSecond } }),
    },
  });
}
