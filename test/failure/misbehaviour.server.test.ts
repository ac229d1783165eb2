/**
 * Application code may do anything to its process, and harms nobody else: each misbehaviour, in a job that travels alone and in one
 * that travels in a group, with innocent neighbours.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import type { JobView } from '../../src/job/job.ts';
import { findOnPath } from '../../src/process/find-on-path.ts';
import { connectClient } from '../../src/temporal/connect.ts';
import { createJobs } from '../../src/temporal/create-jobs.ts';
import { installRuntime } from '../../src/worker/create-workers.ts';
import { runWorker } from '../../src/worker/run-worker.ts';
import type { JobRequest } from '../../src/job/job-request.ts';
import { asked } from '../support/kinds.ts';
import { until } from '../support/until.ts';
import { HARMLESS, LETHAL, REPLACED, type Misbehaviour } from './misbehaviour/misbehaviours.ts';

const QUEUE = 'misbehaviour';
const INNOCENTS = 3;
const TOGETHER = 6;

const config = {
  ...loadConfig({ TEMPORAL_ADDRESS: inject('temporalAddress') }),
  maxBusyMs: 3_000,
  shutdownGraceMs: 1_000,
};
const client = connectClient(config.temporal);
const jobs = createJobs(client);
const stopping = new AbortController();
/** Pids of the runners that are there now. */
const runners = new Set<number>();
let worker: Promise<void>;
let home: string;

const log = pino({ level: 'silent' });
installRuntime(log);

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'holdfast-misbehaviour-'));
  worker = runWorker({
    config: { ...config, home },
    queues: [{ name: QUEUE, concurrency: 100 }],
    concurrency: 100,
    prepareBundle: async () => inject('workflowBundlePath'),
    runnerProgram: {
      entry: fileURLToPath(new URL('misbehaviour/runner.ts', import.meta.url)),
      args: [],
      env: { ...process.env, NODE_OPTIONS: '--max-old-space-size=160' },
      setpriv: await findOnPath('setpriv', process.env['PATH']),
    },
    processes: 2,
    log,
    stop: { first: stopping.signal, second: new AbortController().signal },
    noteRunner(pid) {
      runners.add(pid);
      return { [Symbol.dispose]: () => runners.delete(pid) };
    },
  });
  worker.catch(() => undefined);
  await until('two runners are there', async () => runners.size === 2, 20_000);
}, 60_000);

afterAll(async () => {
  stopping.abort();
  await worker;
  await client.connection.close();
  await rm(home, { recursive: true, force: true });
}, 60_000);

const JOURNEYS = { alone: startAlone, 'in a group': startInGroup } as const;

interface Started {
  readonly guilty: string;
  readonly innocents: readonly string[];
}

describe('what its process survives', () => {
  let before: readonly number[];
  const outcomes = new Map<string, PromiseWithResolvers<Outcome>>();
  beforeAll(() => {
    before = [...runners];
    // Several at a time: each is the neighbour of the others.
    const journeys = everyJourney(HARMLESS).values();
    for (const [name, journey] of everyJourney(HARMLESS)) outcomes.set(`${name} ${journey}`, Promise.withResolvers());
    const runSome = async (): Promise<void> => {
      for (const [name, journey] of journeys) {
        const { resolve, reject } = outcomes.get(`${name} ${journey}`) as PromiseWithResolvers<Outcome>;
        await outcome(JOURNEYS[journey](name, 400)).then(resolve, reject);
      }
    };
    for (let n = 0; n < TOGETHER; n += 1) void runSome();
  });

  test.each(everyJourney(HARMLESS))(
    '%s, %s: it alone bears it',
    async (name, journey, row) => {
      const pending = outcomes.get(`${name} ${journey}`) as PromiseWithResolvers<Outcome>;
      const { guilty, innocents } = await pending.promise;
      expectEnd(guilty, row);
      expect(guilty.attempts).toHaveLength(1);
      for (const innocent of innocents) expect(innocent).toMatchObject({ state: 'done', crashes: 0, attempt: 1 });
    },
    60_000,
  );

  test('and the same processes go on, once one that took over while they computed is gone', async () => {
    await until('they are alone again', async () => runners.size === before.length, 10_000);
    expect(new Set(runners)).toEqual(new Set(before));
  });
});

describe('what its process does not survive, though all in it do', () => {
  test.each(everyJourney(REPLACED))(
    '%s, %s: its process is replaced when all in it have ended',
    async (name, journey, row) => {
      const before = new Set(runners);
      const { guilty, innocents } = await outcome(JOURNEYS[journey](name, 700));
      expectEnd(guilty, row);
      for (const { state, crashes, attempts } of [guilty, ...innocents])
        expect([state, crashes, attempts.length]).toEqual(['done', 0, 1]);
      await until('another process is there', async () => [...runners].some((pid) => !before.has(pid)), 10_000);
      await until('two are', async () => runners.size === 2, 10_000);
    },
    60_000,
  );
});

describe('what kills its process', () => {
  test.each(everyJourney(LETHAL))(
    '%s, %s: it is dead after three deaths alone, and its neighbours are done',
    async (name, journey, row) => {
      const { guilty, innocents } = await outcome(JOURNEYS[journey](name, 1_000));
      expectEnd(guilty, row);
      expect(guilty.attempts.filter(({ evidence }) => evidence === 'alone').length).toBeGreaterThanOrEqual(3);
      expect(guilty.crashes).toBeLessThanOrEqual(5);
      for (const innocent of innocents) {
        expect(innocent).toMatchObject({ state: 'done', suspect: false });
        expect(innocent.crashes).toBeLessThanOrEqual(2);
      }
      await until('two runners are there', async () => runners.size === 2, 10_000);
    },
    120_000,
  );
});

test('after all of it the worker runs jobs as ever', async () => {
  const { innocents } = await outcome(startInGroup('innocent: 1', 1));
  for (const { state } of innocents) expect(state).toBe('done');
});

interface Outcome {
  readonly guilty: JobView;
  readonly innocents: readonly JobView[];
}

function rows(table: Readonly<Record<string, Misbehaviour>>): [string, Misbehaviour][] {
  return Object.entries(table);
}

function everyJourney(table: Readonly<Record<string, Misbehaviour>>) {
  return rows(table).flatMap(([name, row]) =>
    (Object.keys(JOURNEYS) as (keyof typeof JOURNEYS)[]).map((journey) => [name, journey, row] as const),
  );
}

async function startAlone(name: string, innocentMs: number): Promise<Started> {
  const start = async (who: string): Promise<string> => {
    const { job } = await jobs.start(request(who), { idempotencyKey: `misbehaves-${Math.random()}` });
    return job.id;
  };
  const [guilty = '', ...innocents] = await Promise.all([name, ...neighbours(innocentMs)].map(start));
  return { guilty, innocents };
}

async function startInGroup(name: string, innocentMs: number): Promise<Started> {
  const outcomes = await jobs.startAll([name, ...neighbours(innocentMs)].map((who) => ({ request: request(who) })));
  const [guilty = '', ...innocents] = outcomes.map((each) => (each.status === 'fulfilled' ? each.value.job.id : ''));
  return { guilty, innocents };
}

function neighbours(ms: number): string[] {
  return Array.from({ length: INNOCENTS }, () => `innocent: ${ms}`);
}

function request(name: string): JobRequest {
  return asked({ args: { name }, queue: QUEUE, maxAttempts: 1 });
}

async function outcome(starting: Promise<Started>): Promise<Outcome> {
  const { guilty, innocents } = await starting;
  const [first, ...others] = await Promise.all([guilty, ...innocents].map(settled));
  return { guilty: first as JobView, innocents: others };
}

async function settled(id: string): Promise<JobView> {
  const watching = AbortSignal.timeout(100_000);
  for await (const { job } of jobs.watch(id, watching)) if (job.endedAt !== null || job.state === 'dead') return job;
  throw new Error(`${id} has not come to its end`);
}

function expectEnd(view: JobView, { job, result, note, error }: Misbehaviour): void {
  expect([view.state, view.error?.type, view.note]).toEqual([
    job,
    error ? expect.stringContaining(error.type ?? '') : undefined,
    note === undefined ? null : expect.stringContaining(note),
  ]);
  if (result !== undefined) expect(view.result).toEqual(result);
  if (error?.message !== undefined) expect(view.error?.message).toContain(error.message);
}
