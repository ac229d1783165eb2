/**
 * What application code, operators and machines do to a worker, for longer than a test may take: `npm run bench:real-use -- [part of
 * a scenario's name]`. Prints, for each, what became of the jobs and how long it took.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../src/config/config.ts';
import type { JobView } from '../../src/job/job.ts';
import { findTemporalCli } from '../../src/dev/temporal-cli.ts';
import { readPidFiles } from '../../src/process/pid-files.ts';
import { connectClient } from '../../src/temporal/connect.ts';
import { createJobs } from '../../src/temporal/create-jobs.ts';
import type { Jobs } from '../../src/temporal/jobs.ts';
import { buildBundle } from '../../src/worker/workflow-bundle.ts';
import { startTestDevServer, type TestDevServer } from '../../test/support/dev-server.ts';
import { asked } from '../../test/support/kinds.ts';
import { until } from '../../test/support/until.ts';

const only = process.argv[2] ?? '';

interface World {
  readonly jobs: Jobs;
  readonly home: string;
  readonly temporalPid: number;
  startWorker(environment?: NodeJS.ProcessEnv): ChildProcess;
  runnerPids(): number[];
  /** When each attempt began, by its job's id; in milliseconds since 1970. */
  begun(jobId: string): number[];
}

const SCENARIOS: Readonly<Record<string, (world: World) => Promise<string>>> = {
  'a group of nine, one computes for 60 s': async (world) => compute(world, 'together'),
  'nine jobs alone, one computes for 60 s': async (world) => compute(world, 'alone'),
  'three guilty (SIGKILL, exit, throw in a timer) beside 50 innocent of 30 s, in a group': async (world) =>
    guilty(world, 'together'),
  'three guilty beside 50 innocent of 30 s, alone': async (world) => guilty(world, 'alone'),
  '200 handlers that never return, and 10 jobs after them': hang,
  'five deploys (SIGTERM, grace 1 s) under a report of 60 s': async (world) => interrupt(world, deploy),
  'five SIGKILLs of worker and runners under a report of 60 s': async (world) => interrupt(world, rip),
  'a laptop that sleeps five times for 15 s, Temporal too, under a report of 60 s': async (world) =>
    interrupt(world, nap),
  'SIGKILL of the worker alone, started again at once; five times': loseWorkers,
};

const config = loadConfig(process.env);
const note = (line: string): void => void process.stderr.write(`${line}\n`);
const cli = await findTemporalCli({ home: config.home, searchPath: process.env['PATH'], note });
for (const [what, run] of Object.entries(SCENARIOS)) {
  if (!what.includes(only)) continue;
  const startedAt = performance.now();
  await using server = await startTestDevServer(cli);
  const client = connectClient(loadConfig({ TEMPORAL_ADDRESS: server.server.address }).temporal);
  const started: ChildProcess[] = [];
  const world = await open(server, createJobs(client), started);
  try {
    const outcome = await run(world);
    process.stdout.write(
      `${what}\n  ${outcome}; over after ${((performance.now() - startedAt) / 1_000).toFixed(0)} s\n`,
    );
  } finally {
    for (const child of started) await stop(child);
    await client.connection.close();
  }
}

async function open({ server, home }: TestDevServer, jobs: Jobs, started: ChildProcess[]): Promise<World> {
  const bundle = await buildBundle(join(home, 'workflow-bundle.js'));
  const runs = join(home, 'runs.log');
  closeSync(openSync(runs, 'a'));
  return {
    jobs,
    home,
    temporalPid: server.pid,
    startWorker(environment = {}) {
      const child = spawn(process.execPath, [fileURLToPath(new URL('worker.ts', import.meta.url)), bundle, runs, '2'], {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: {
          ...process.env,
          HOLDFAST_HOME: home,
          // As bin/hard_worker has it.
          NODE_COMPILE_CACHE: join(config.home, 'compile-cache'),
          TEMPORAL_ADDRESS: server.address,
          HOLDFAST_SHUTDOWN_GRACE_MS: '1000',
          ...environment,
        },
      });
      started.push(child);
      return child;
    },
    runnerPids: () => readPidFiles(home, 'runner').map(({ pid }) => pid),
    begun: (jobId) =>
      readFileSync(runs, 'utf8')
        .split('\n')
        .filter((line) => line.startsWith(`${jobId} `))
        .map((line) => Number(line.split(' ')[1])),
  };
}

type Journey = 'together' | 'alone';

async function enqueue(
  { jobs }: World,
  names: readonly string[],
  journey: Journey,
  queuedAt = Date.now(),
): Promise<string[]> {
  const requests = names.map((name, n) => ({
    request: asked({ args: { name } }),
    ...(journey === 'alone' && { keys: { idempotencyKey: `alone-${queuedAt}-${n}` } }),
  }));
  const outcomes = await jobs.startAll(requests);
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason as Error;
    return outcome.value.job.id;
  });
}

async function ends({ jobs }: World, ids: readonly string[], withinMs = 900_000): Promise<JobView[]> {
  const views = new Map<string, JobView>();
  await until(
    'all jobs have come to their end',
    async () => {
      for (const id of ids) {
        if (views.has(id)) continue;
        const { job } = await jobs.read(id);
        if (job.endedAt !== null || job.state === 'dead') views.set(id, job);
      }
      if (views.size === ids.length) return true;
      await sleep(500);
      return false;
    },
    withinMs,
  );
  return ids.map((id) => views.get(id) as JobView);
}

function summary(views: readonly JobView[]): string {
  const states = Map.groupBy(views, ({ state }) => state);
  const counts = [...states].map(([state, { length }]) => `${length} ${state}`).join(', ');
  const crashes = views.map(({ crashes: each }) => each);
  const attempts = views.map(({ attempts: each }) => each.length);
  return `${counts}; crashes ${Math.min(...crashes)}–${Math.max(...crashes)}, attempts ${Math.min(...attempts)}–${Math.max(...attempts)}`;
}

async function compute(world: World, journey: Journey): Promise<string> {
  world.startWorker();
  const [computing = '', ...sleepers] = await enqueue(
    world,
    ['compute 60000', ...Array.from({ length: 8 }, () => 'sleep 3000')],
    journey,
  );
  const views = await ends(world, [computing, ...sleepers]);
  const took = views.slice(1).map(({ createdAt, endedAt }) => Date.parse(endedAt ?? '') - Date.parse(createdAt));
  return `the one that computes: ${summary(views.slice(0, 1))}; its eight neighbours: ${summary(views.slice(1))}, done after ${(Math.min(...took) / 1_000).toFixed(1)}–${(Math.max(...took) / 1_000).toFixed(1)} s`;
}

async function guilty(world: World, journey: Journey): Promise<string> {
  world.startWorker();
  const names = ['kill', 'exit', 'throw', ...Array.from({ length: 50 }, () => 'sleep 30000')];
  const views = await ends(world, await enqueue(world, names, journey));
  return `guilty: ${summary(views.slice(0, 3))}; innocent: ${summary(views.slice(3))}`;
}

async function hang(world: World): Promise<string> {
  world.startWorker();
  const hanging = await enqueue(
    world,
    Array.from({ length: 200 }, () => 'hang'),
    'together',
  );
  await until('they hang', async () => world.begun(hanging.at(-1) ?? '').length > 0, 30_000);
  const startedAt = performance.now();
  const views = await ends(
    world,
    await enqueue(
      world,
      Array.from({ length: 10 }, () => 'sleep 10'),
      'together',
    ),
  );
  return `the ten: ${summary(views)}, after ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`;
}

async function interrupt(
  world: World,
  how: (world: World, worker: ChildProcess) => Promise<ChildProcess>,
): Promise<string> {
  let worker = world.startWorker();
  const { job } = await world.jobs.start(asked({ kind: 'WriteReport', args: { rows: 600, msPerRow: 100 } }));
  for (let n = 0; n < 5; n += 1) {
    const runs = world.begun(job.id).length;
    await until(
      'it runs, and has saved more',
      async () => {
        const view = (await world.jobs.read(job.id)).job;
        return view.state === 'running' && (view.progress?.done ?? 0) > 60 * (n + 1) && (n === 0 || runs > 0);
      },
      120_000,
    );
    worker = await how(world, worker);
  }
  const [view] = await ends(world, [job.id]);
  return `${summary([view as JobView])}, attempts that counted ${view?.attempt}`;
}

async function deploy(world: World, worker: ChildProcess): Promise<ChildProcess> {
  await stop(worker);
  return world.startWorker();
}

async function rip(world: World, worker: ChildProcess): Promise<ChildProcess> {
  worker.kill('SIGKILL');
  for (const pid of world.runnerPids()) process.kill(pid, 'SIGKILL');
  await once(worker, 'exit').catch(() => undefined);
  return world.startWorker();
}

/** The processes stand still while the clock goes on. */
async function nap(world: World, worker: ChildProcess): Promise<ChildProcess> {
  const all = [worker.pid ?? 0, ...world.runnerPids(), world.temporalPid];
  for (const pid of all) process.kill(pid, 'SIGSTOP');
  await sleep(15_000);
  for (const pid of all) process.kill(pid, 'SIGCONT');
  await sleep(3_000);
  return worker;
}

async function loseWorkers(world: World): Promise<string> {
  let worker = world.startWorker();
  const { job } = await world.jobs.start(asked({ kind: 'WriteReport', args: { rows: 10_000, msPerRow: 100 } }));
  const after: number[] = [];
  for (let n = 0; n < 5; n += 1) {
    const runs = n + 1;
    await until('it runs', async () => world.begun(job.id).length === runs, 30_000);
    await sleep(3_000);
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    const startedAt = Date.now();
    worker = world.startWorker();
    await until('it runs again', async () => world.begun(job.id).length > runs, 30_000);
    after.push((world.begun(job.id).at(-1) ?? 0) - startedAt);
  }
  await world.jobs.act(job.id, { type: 'cancel' });
  return `running again ${after.toSorted((a, b) => a - b).join(', ')} ms after the start`;
}

async function stop(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  worker.kill('SIGTERM');
  await once(worker, 'exit');
}
