/** What one measurement runs on: a dev server with an empty database and, in processes of their own, workers and for HTTP a web server. */
import { closeSync, openSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/config.ts';
import { readPidFiles } from '../../src/process/pid-files.ts';
import type { TemporalCli } from '../../src/dev/temporal-cli.ts';
import { connectClient } from '../../src/temporal/connect.ts';
import { createJobs } from '../../src/temporal/create-jobs.ts';
import { startTestDevServer } from '../../test/support/dev-server.ts';
import { freePort } from '../../test/support/free-port.ts';
import { until } from '../../test/support/until.ts';
import { cpuMs, residentMb } from './process-usage.ts';
import { startProgram } from './program.ts';
import { bareActivities, bareWorkflows } from './subjects/bare-sdk.ts';
import { inProcess, oneWorkflowEach } from './subjects/in-process.ts';
import { overHttp } from './subjects/over-http.ts';
import { ROADS, type Road, type RoadName } from './subjects/subject.ts';
import { WorkLog } from './work-log.ts';

export interface WorldOptions {
  readonly cli: TemporalCli;
  /** For databases and logs. */
  readonly folder: string;
  /** Holdfast's workflow code. */
  readonly bundlePath: string;
  readonly workerProcesses: number;
  /** What the processes inherit; settings of Temporal and Holdfast in it are left out. */
  readonly environment: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
}

/** Who has a share in the work. The client is this process. */
export const ROLES = ['client', 'web', 'server', 'worker', 'runner'] as const;
export type Role = (typeof ROLES)[number];

export interface World extends AsyncDisposable {
  readonly log: WorkLog;
  readonly roads: readonly Road[];
  /** Numbers that no other job of this world has. @returns the first of them */
  takeNumbers(count: number): number;
  /** CPU time so far; nothing for roles that nobody has here, or that cannot be told. @format milliseconds */
  cpu(): Readonly<Partial<Record<Role, number>>>;
  /** Of the worker and its runners together. */
  workerMb(): number | undefined;
}

const READY_WITHIN_MS = 60_000;

/** Flags of Node that `bin/hard_worker` has, and `holdfast dev` gives to `holdfast work`. */
const AS_HARD_WORKER = ['--max-semi-space-size=16', '--heap-growing-percent=50'];

/** All roads of a world run on the same workers. */
export async function openWorld(options: WorldOptions, names: readonly RoadName[]): Promise<World> {
  await using opened = new AsyncDisposableStack();
  const { server, home } = opened.use(
    await startTestDevServer(options.cli, { home: await mkdtemp(join(options.folder, 'world-')) }),
  );
  const { workerProcesses } = options;
  const port = await freePort();
  const environment = environmentOf(options, { home, address: server.address, port });
  const start = (script: string, args: readonly string[], log: string, flags: readonly string[] = []): number =>
    opened.use(startProgram({ script, args, flags, environment, logFile: join(home, log) })).pid;

  const client = connectClient(loadConfig({ TEMPORAL_ADDRESS: server.address }).temporal);
  opened.defer(() => client.connection.close());
  const log = opened.use(new WorkLog(madeFile(join(home, 'work.log')), options.say));
  const pids: Partial<Record<Role, readonly number[]>> = { client: [process.pid], server: [server.pid] };
  if (names.some((name) => ROADS[name].workers === 'bare'))
    pids.worker = Array.from({ length: workerProcesses }, () =>
      start('processes/bare-worker.ts', [server.address], 'work.log'),
    );
  else {
    const args = [options.bundlePath, String(workerProcesses)];
    pids.worker = [start('processes/worker.ts', args, 'work.log', AS_HARD_WORKER)];
  }
  const url = `http://127.0.0.1:${port}`;
  if (names.includes('over HTTP')) {
    pids.web = [start('../../bin/web.ts', [], 'web.log')];
    await until('web answers', async () => answers(`${url}/healthz`), READY_WITHIN_MS);
  }
  const ready = pids.worker.length;
  await until('all workers are ready', async () => log.countReady() === ready, READY_WITHIN_MS);
  const runners = readPidFiles(home, 'runner').map(({ pid }) => pid);
  if (runners.length > 0) pids.runner = runners;

  const jobs = createJobs(client);
  const make: Readonly<Record<RoadName, () => Road>> = {
    'in process': () => inProcess(jobs),
    'over HTTP': () => opened.use(overHttp(url)),
    'one workflow each': () => oneWorkflowEach(jobs),
    'SDK, workflows': () => bareWorkflows(client),
    'SDK, activities': () => bareActivities(client),
  };
  const roads = names.map((name) => make[name]());
  let nextNumber = 1;
  const kept = opened.move();
  return {
    log,
    roads,
    takeNumbers: (count) => (nextNumber += count) - count,
    cpu: () => Object.fromEntries(ROLES.map((role) => [role, sum(pids[role]?.map(cpuMs))])),
    workerMb: () => sum([...(pids.worker ?? []), ...(pids.runner ?? [])].map(residentMb)),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** As in production: logs are JSON, a line each. */
function environmentOf(
  { environment }: WorldOptions,
  { home, address, port }: { home: string; address: string; port: number },
): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(([name]) => !/^(TEMPORAL|HOLDFAST)_|^HOST$/.test(name));
  return {
    ...Object.fromEntries(kept),
    NODE_ENV: 'production',
    LOG_LEVEL: 'info',
    HOLDFAST_HOME: home,
    HOLDFAST_SHUTDOWN_GRACE_MS: '1000',
    NODE_COMPILE_CACHE: join(home, 'compile-cache'),
    TEMPORAL_ADDRESS: address,
    PORT: String(port),
  };
}

async function answers(url: string): Promise<boolean> {
  const answer = await fetch(url).catch(() => undefined);
  return answer?.ok === true;
}

function madeFile(path: string): string {
  closeSync(openSync(path, 'a'));
  return path;
}

function sum(parts: readonly (number | undefined)[] | undefined): number | undefined {
  return parts?.reduce((total, part) => (total === undefined || part === undefined ? undefined : total + part), 0);
}
