/** A real system for one test file: Temporal, a worker in the test's own process, and a client. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino, type Logger } from 'pino';
import { Slots } from '../activities/slots.ts';
import { DEFAULT_QUEUE, DEFAULT_TASK_QUEUE } from '../contract/queues.ts';
import type { ToolFolder } from '../dev/pinned-tool.ts';
import { catalogueOf, checkWork } from '../kinds/catalogue.ts';
import type { HoldfastConfig } from '../kinds/define-config.ts';
import { aborted } from '../process/stop-signals.ts';
import { createJobs } from '../temporal/create-jobs.ts';
import { createHoldfast, type Holdfast } from '../temporal/holdfast.ts';
import type { Jobs, JobSnapshot } from '../temporal/jobs.ts';
import { createWorkers } from '../worker/create-workers.ts';
import { enqueueForAttempts } from '../worker/enqueue-for-attempts.ts';
import { BUILT_BUNDLE, buildBundle } from '../worker/workflow-bundle.ts';
import { inProcessRunners } from './in-process-runners.ts';
import { installRuntimeOnce } from './install-runtime-once.ts';
import { startRealTime, startSkippedTime, type TestTemporal } from './test-temporal.ts';

export interface TestSystemOptions<World> extends HoldfastConfig<World> {
  /**
   * Whether time is skipped while a test waits for a result: a job that is due next month, or fails for two, is over in a moment.
   * Temporal's own test server does that; it keeps no lists. @default false
   */
  readonly skipTime?: boolean;
  /** Where Temporal's binaries are kept once they are fetched. @default HOLDFAST_HOME, or .holdfast here */
  readonly home?: string;
  /** What jobs and workers log. @default nothing */
  readonly log?: Logger;
}

export interface TestSystem extends AsyncDisposable {
  /** With skipped time, `result` is what skips it. */
  readonly holdfast: Holdfast;
  /** `host:port` of its Temporal: for Temporal's CLI, or a client of the test's own. */
  readonly temporalAddress: string;
  /** Lets time go by; at once where it is skipped. */
  sleep(ms: number): Promise<void>;
}

/** Attempts at the same time, of each queue. */
const CONCURRENCY = 100;
const NO_GRACE_MS = 0;
/** @format milliseconds */
const LOOK_EVERY_MS = 50;

/** Ready in two or three seconds; nothing of it is left when it is disposed of. Serves every queue that its kinds name, and `default`. */
export async function startTestSystem<World>(options: TestSystemOptions<World>): Promise<TestSystem> {
  const { home = resolve(process.env['HOLDFAST_HOME'] ?? '.holdfast'), log = pino({ level: 'silent' }) } = options;
  const catalogue = catalogueOf(options.jobs);
  checkWork(catalogue);
  installRuntimeOnce();
  await using parts = new AsyncDisposableStack();
  const tools: ToolFolder = {
    home,
    searchPath: process.env['PATH'],
    note: (line) => void process.stderr.write(`${line}\n`),
  };
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-test-system-'));
  parts.defer(async () => rm(folder, { recursive: true, force: true }));
  const temporal = parts.use(await (options.skipTime ? startSkippedTime(tools) : startRealTime(tools, folder)));
  const world = await options.setup?.();
  parts.defer(async () => options.teardown?.(world as World));
  const jobs = jobsOf(temporal);
  const runners = inProcessRunners({
    work: { catalogue, world },
    worker: 'test-worker',
    log,
    enqueue: enqueueForAttempts(jobs),
  });
  const queues = new Set([DEFAULT_QUEUE, ...catalogue.jobs.map(({ queue }) => queue)]);
  const workers = await createWorkers({
    connection: temporal.connection,
    namespace: temporal.client.options.namespace,
    taskQueue: DEFAULT_TASK_QUEUE,
    slots: new Map([...queues].map((queue) => [queue, new Slots(CONCURRENCY)])),
    bundlePath: import.meta.url.endsWith('.ts') ? await buildBundle(join(folder, 'workflow-bundle.js')) : BUILT_BUNDLE,
    shutdownGraceMs: NO_GRACE_MS,
    activities: { runners, worker: 'test-worker' },
  });
  const running = Promise.all(workers.map(async (worker) => worker.run()));
  parts.defer(async () => {
    for (const worker of workers) worker.shutdown();
    await running;
  });
  const plain = createHoldfast(jobs, async () => {});
  parts.defer(async () => plain.close());
  const kept = parts.move();
  return {
    holdfast: {
      ...plain,
      async result(job, signal) {
        await Promise.race([temporal.untilOver(job.id), ...(signal ? [aborted(signal)] : [])]);
        return plain.result(job, signal);
      },
    },
    temporalAddress: temporal.address,
    sleep: async (ms) => temporal.sleep(ms),
    [Symbol.asyncDispose]: async () => kept.disposeAsync(),
  };
}

/** The server that skips time tells a long poll nothing of earlier events, so the history is read instead. */
function jobsOf({ client, skipsTime }: TestTemporal): Jobs {
  const jobs = createJobs(client);
  return skipsTime ? { ...jobs, watch: (id, signal) => watchByReading(jobs, id, signal) } : jobs;
}

async function* watchByReading(jobs: Pick<Jobs, 'read'>, id: string, signal: AbortSignal): AsyncGenerator<JobSnapshot> {
  let last: string | undefined;
  while (!signal.aborted) {
    const current = await jobs.read(id);
    const text = JSON.stringify(current);
    if (text !== last) yield current;
    last = text;
    if (current.job.endedAt !== null) return;
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}
