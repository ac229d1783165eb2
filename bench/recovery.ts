/**
 * How soon jobs go on after a kill: from the kill to the second start of the job that ran, and how late the jobs are that waited.
 * `npm run bench:recovery -- [rounds] [part of a row's name]`. Ten rounds each by default; prints median and worst beside the bound of the design.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { loadConfig } from '../src/config/config.ts';
import type { JobView } from '../src/job/job.ts';
import { findTemporalCli } from '../src/dev/temporal-cli.ts';
import { readPidFiles, type Role } from '../src/process/pid-files.ts';
import { connectClient } from '../src/temporal/connect.ts';
import { createJobs } from '../src/temporal/create-jobs.ts';
import type { Jobs } from '../src/temporal/jobs.ts';
import { asked } from '../test/support/kinds.ts';
import { stackEnvironment, startProgram, type Program, type StackEnvironment } from '../test/support/stack.ts';
import { until } from '../test/support/until.ts';

const rounds = Number(process.argv[2] ?? 10);
const only = process.argv[3] ?? '';

interface World extends StackEnvironment {
  readonly jobs: Jobs;
  /** Starts a program that ends with the scenario. */
  start(name: string, args?: readonly string[]): Program;
}

interface Scenario {
  readonly what: string;
  readonly boundMs: number;
  /** Arguments of each `bin/hard_worker` that stands by. */
  readonly workers: readonly (readonly string[])[];
  /** @returns the measured milliseconds of one round */
  round(world: World): Promise<number>;
}

const ONE = ['--processes', '1'];
const TWO = ['--processes', '2'];

const SCENARIOS: readonly Scenario[] = [
  { what: 'runner killed, job running, a second one', boundMs: 100, workers: [TWO], round: killTheRunner },
  { what: 'runner killed, job running, no other', boundMs: 250, workers: [ONE], round: killTheRunner },
  { what: 'runner killed, jobs waiting (lateness)', boundMs: 400, workers: [TWO], round: killOneWhileJobsWait },
  {
    what: 'worker and runners killed, another machine',
    boundMs: 5_500,
    workers: [ONE, ONE],
    round: killWorkerAndRunner,
  },
  { what: 'runner killed amid workflow tasks', boundMs: 6_000, workers: [TWO], round: killAmidWorkflowTasks },
  { what: 'worker stopped by SIGTERM (lateness)', boundMs: 500, workers: [ONE, ONE], round: stopOneWhileJobsWait },
  {
    what: 'Temporal killed, jobs waiting (lateness after it is back)',
    boundMs: 6_000,
    workers: [TWO],
    round: killTemporal,
  },
];

const cli = await findTemporalCli({
  home: loadConfig(process.env).home,
  searchPath: process.env['PATH'],
  note: (line) => void process.stderr.write(`${line}\n`),
});

process.stdout.write(`${rounds} rounds each, milliseconds\n\n${row('what', 'bound', 'median', 'worst')}\n`);
let missed = 0;
for (const scenario of SCENARIOS.filter(({ what }) => what.includes(only))) {
  const measured = (await measure(scenario)).toSorted((a, b) => a - b);
  const [median, worst] = [measured[Math.floor(measured.length / 2)] ?? 0, measured.at(-1) ?? 0];
  const line = row(scenario.what, String(scenario.boundMs), median.toFixed(0), worst.toFixed(0));
  missed += worst > scenario.boundMs ? 1 : 0;
  process.stdout.write(`${worst > scenario.boundMs ? styleText('red', line) : line}\n`);
}
process.stdout.write(missed === 0 ? '\nAll within their bounds.\n' : `\nOver its bound at worst: ${missed}\n`);

async function measure(scenario: Scenario): Promise<number[]> {
  const environment = await stackEnvironment(cli.path);
  const config = loadConfig(environment.env);
  const client = connectClient(config.temporal);
  await using programs = new AsyncDisposableStack();
  programs.defer(() => client.connection.close());
  const world: World = {
    ...environment,
    jobs: createJobs(client),
    start: (name, args = []) => programs.use(startProgram(name, args, environment.env)),
  };
  world.start('temporal-server');
  for (const args of scenario.workers) world.start('hard_worker', args);
  const measured: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    await ready(world, scenario);
    const ms = await scenario.round(world);
    // The first one warms up caches on both sides.
    if (round > 0) measured.push(ms);
  }
  return measured;
}

/** As many runners as there should be, and a job that runs through. */
async function ready(world: World, scenario: Scenario): Promise<void> {
  const wanted = scenario.workers.reduce((sum, args) => sum + Number(args[1]), 0);
  await until('all runners run', async () => pids(world, 'runner').length === wanted, 30_000);
  await until('a job runs through', async () => runsThrough(world), 60_000);
  // The newest process has its pid file before it is ready: let every one of them be idle.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
}

async function runsThrough({ jobs }: World): Promise<boolean> {
  try {
    const { job } = await jobs.start(asked({ args: { name: 'ready?' } }));
    await seen(jobs, job.id, ({ endedAt }) => endedAt !== null);
    return true;
  } catch {
    return false;
  }
}

async function killTheRunner(world: World): Promise<number> {
  return secondStart(world, (runner) => process.kill(runner, 'SIGKILL'));
}

/** As when its machine loses power: nobody is left who could tell, and what it had in hand stands on no disk of another. */
async function killWorkerAndRunner(world: World): Promise<number> {
  return secondStart(world, (runner) => {
    const worker = parentOf(runner);
    const folder = join(world.home, 'in-hand');
    for (const name of readdirSync(folder)) if (name.startsWith(`worker-${worker}-`)) rmSync(join(folder, name));
    process.kill(worker, 'SIGKILL');
    process.kill(runner, 'SIGKILL');
    world.start('hard_worker', ONE);
  });
}

/** From the kill of the runner that has the job to the start of the job's next attempt. */
async function secondStart(world: World, kill: (runner: number) => void): Promise<number> {
  const { jobs } = world;
  const { job } = await jobs.start(asked({ kind: 'WriteReport', args: { rows: 200, msPerRow: 100 } }));
  await seen(jobs, job.id, ({ progress }) => (progress?.done ?? 0) > 1);
  const runner = pids(world, 'runner').find((pid) => hasOpen(pid, `${job.id}.csv`)) ?? 0;
  const killedAt = Date.now();
  kill(runner);
  const again = await seen(jobs, job.id, ({ attempts }) => (attempts[1]?.startedAt ?? null) !== null);
  await jobs.act(job.id, { type: 'cancel' });
  return Date.parse(again.attempts[1]?.startedAt ?? '') - killedAt;
}

async function killOneWhileJobsWait(world: World): Promise<number> {
  return worstLateness(world, 10, () => {
    const [runner = 0] = pids(world, 'runner');
    process.kill(runner, 'SIGKILL');
  });
}

async function stopOneWhileJobsWait(world: World): Promise<number> {
  return worstLateness(world, 10, () => {
    process.kill(pids(world, 'worker')[0] ?? 0, 'SIGTERM');
    world.start('hard_worker', ONE);
  });
}

async function killAmidWorkflowTasks(world: World): Promise<number> {
  const started = Array.from({ length: 40 }, async () => {
    const { job } = await world.jobs.start(asked({ args: { name: 'in the middle' } }));
    const end = await seen(world.jobs, job.id, ({ endedAt }) => endedAt !== null);
    return Date.parse(end.endedAt ?? '') - Date.parse(end.createdAt);
  });
  await new Promise((resolve) => setTimeout(resolve, 150));
  process.kill(pids(world, 'runner')[0] ?? 0, 'SIGKILL');
  return Math.max(...(await Promise.all(started)));
}

async function killTemporal(world: World): Promise<number> {
  const { job } = await world.jobs.start(asked({ args: { name: 'later' }, delayMs: 2_000 }));
  const [wrapper = 0] = pids(world, 'temporal-server');
  process.kill(wrapper, 'SIGKILL');
  process.kill(pids(world, 'temporal')[0] ?? 0, 'SIGKILL');
  world.start('temporal-server');
  let end: JobView | undefined;
  await until(
    'the job is done',
    async () => {
      end = await world.jobs.read(job.id).then(
        (snapshot) => snapshot.job,
        () => undefined,
      );
      return end?.state === 'done';
    },
    60_000,
  );
  return Date.parse(end?.startedAt ?? '') - Date.parse(end?.dueAt ?? '');
}

/**
 * Jobs that fall due one after the other, a tenth of a second apart; something that happens before the first; and the lateness
 * of the latest. Not all at one moment: that would measure how many jobs a second there are, which is another bench's question.
 */
async function worstLateness({ jobs }: World, count: number, happens: () => void): Promise<number> {
  const started = await Promise.all(
    Array.from({ length: count }, (_, n) => jobs.start(asked({ args: { name: 'waiter' }, delayMs: 1_200 + 100 * n }))),
  );
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  happens();
  const late = started.map(async ({ job }) => {
    const end = await seen(jobs, job.id, ({ endedAt }) => endedAt !== null);
    return Date.parse(end.startedAt ?? '') - Date.parse(end.dueAt);
  });
  return Math.max(...(await Promise.all(late)));
}

async function seen(jobs: Jobs, id: string, holds: (job: JobView) => boolean): Promise<JobView> {
  const enough = new AbortController();
  const deadline = setTimeout(() => enough.abort(), 60_000);
  try {
    for await (const { job } of jobs.watch(id, enough.signal)) if (holds(job)) return job;
  } finally {
    clearTimeout(deadline);
    enough.abort();
  }
  throw new Error(`Job ${id} did not get there within a minute.`);
}

function pids({ home }: World, role: Role): number[] {
  return readPidFiles(home, role).map(({ pid }) => pid);
}

/** Linux only. */
function hasOpen(pid: number, name: string): boolean {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).some((fd) => readlinkSync(join(folder, fd)).endsWith(name));
}

function parentOf(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }));
}

function row(what: string, ...columns: string[]): string {
  return what.padEnd(60) + columns.map((column) => column.padStart(8)).join('');
}
