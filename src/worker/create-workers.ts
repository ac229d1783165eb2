/**
 * The Temporal workers of one process: one that runs workflows, on the task queue that all processes share, and a light one
 * without workflow code for each queue whose attempts this process runs.
 */
import { DefaultLogger, NativeConnection, Runtime, Worker, type LogLevel, type WorkerTuner } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { ActivityDependencies } from '../activities/dependencies.ts';
import { createActivities } from '../activities/index.ts';
import type { Slots } from '../activities/slots.ts';
import { workflowSideActivities } from '../activities/is-attempt-running.ts';
import type { TemporalConfig } from '../config/config.ts';
import { slotSupplier } from './slot-supplier.ts';

export interface QueueOptions {
  readonly name: string;
  /** Attempts that one runner runs at the same time, on the average of all. */
  readonly concurrency: number;
}

export interface WorkerOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  /** Of workflows. */
  readonly taskQueue: string;
  /** Of each queue that is served, by its name. */
  readonly slots: ReadonlyMap<string, Slots>;
  /** Path of the prebuilt workflow code. */
  readonly bundlePath: string;
  /** @format milliseconds */
  readonly shutdownGraceMs: number;
  readonly activities: Omit<ActivityDependencies, 'slots'>;
}

/** Attempts are cut off earlier than this; it is here for the case that we are wrong. @format milliseconds */
const CANCEL_WITHIN_MS = 5_000;

export async function createWorkers(options: WorkerOptions): Promise<Worker[]> {
  const { connection, namespace, bundlePath, shutdownGraceMs, slots } = options;
  const shared = {
    connection,
    namespace,
    identity: options.activities.worker,
    shutdownGraceTime: shutdownGraceMs,
    shutdownForceTime: shutdownGraceMs + CANCEL_WITHIN_MS,
  };
  const workflows = Worker.create({
    ...shared,
    taskQueue: options.taskQueue,
    workflowBundle: { codePath: bundlePath },
    // Only the local ones of the workflow side; attempts never come here.
    activities: workflowSideActivities,
    enableNonLocalActivities: false,
    // A worker that knows a history has so long to take its next task, before any may. A busy machine missed a tenth of a second for more
    // than half of them, and each of those was replayed. So late is what waits when a worker dies that has no successor of its home.
    stickyQueueScheduleToStartTimeout: '500ms',
  });
  const activities = createActivities({ ...options.activities, slots: (queue) => slotsOf(slots, queue) });
  const queues = [...slots].map(([name, own]) =>
    Worker.create({
      ...shared,
      taskQueue: name,
      activities,
      tuner: tunerOf(slotSupplier(own)),
      // Heartbeats go out every second, not after 80 % of their timeout: a crash shows sooner, and so does progress.
      maxHeartbeatThrottleInterval: '1s',
    }),
  );
  return Promise.all([workflows, ...queues]);
}

function slotsOf(slots: ReadonlyMap<string, Slots>, queue: string): Slots {
  const found = slots.get(queue);
  if (!found) throw new Error(`This worker got an attempt of the queue ${queue}, which it does not serve.`);
  return found;
}

/** Activities alone run on a queue's worker; the other kinds of slots are there because a tuner has to have them. */
function tunerOf(activityTaskSlotSupplier: ReturnType<typeof slotSupplier>): WorkerTuner {
  const none = { type: 'fixed-size', numSlots: 1 } as const;
  return {
    workflowTaskSlotSupplier: none,
    localActivityTaskSlotSupplier: none,
    nexusTaskSlotSupplier: none,
    activityTaskSlotSupplier,
  };
}

/** Call it once, before anything else of the SDK. */
export function installRuntime(log: Logger): void {
  Runtime.install({
    // Workers are stopped by their process, which knows about grace times.
    shutdownSignals: [],
    // By this the web tells within seconds whether any worker is there.
    workerHeartbeatInterval: '1s',
    logger: new DefaultLogger('DEBUG', ({ level, message, meta: { error, ...meta } = {} }) =>
      // Under this name the logger writes an error out.
      log[pinoLevel(level, message)]({ ...meta, ...(error !== undefined && { err: error }) }, message),
    ),
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } },
  });
}

/** What the SDK warns of and we either mean to do or log ourselves, without arguments and stack. */
const EXPECTED: ReadonlySet<string> = new Set([
  'No workflows registered, not polling for workflow tasks',
  'Activity failed',
]);

/** The SDK's own comings and goings are only of interest when something is wrong with it. */
function pinoLevel(level: LogLevel, message: string): 'trace' | 'debug' | 'warn' | 'error' {
  if (EXPECTED.has(message)) return 'debug';
  switch (level) {
    case 'TRACE':
      return 'trace';
    case 'DEBUG':
    case 'INFO':
      return 'debug';
    case 'WARN':
      return 'warn';
    case 'ERROR':
      return 'error';
  }
}

export async function connectWorkers({ connection }: TemporalConfig): Promise<NativeConnection> {
  // Without TLS Temporal is on this machine or next to it, where zipping costs more than the bytes: 4 % of the server's CPU.
  return NativeConnection.connect({ ...connection, ...(!connection.tls && { grpcCompression: { codec: 'none' } }) });
}
