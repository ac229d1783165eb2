/**
 * The Temporal workers of one process: one that runs workflows, on the task queue that all processes share, and a light one
 * without workflow code for each queue whose attempts this process runs.
 */
import { DefaultLogger, NativeConnection, Runtime, Worker, type LogLevel } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { ActivityDependencies } from '../activities/attempt.ts';
import { createActivities } from '../activities/index.ts';
import { workflowSideActivities } from '../activities/is-attempt-running.ts';
import type { TemporalConfig } from '../config.ts';
import { WORKFLOW_TASK_QUEUE } from '../contract/queues.ts';

export interface QueueOptions {
  readonly name: string;
  /** Attempts that one process runs at the same time. */
  readonly concurrency: number;
}

export interface WorkerOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly queues: readonly QueueOptions[];
  /** Path of the prebuilt workflow code. */
  readonly bundlePath: string;
  /** @format milliseconds */
  readonly shutdownGraceMs: number;
  readonly activities: ActivityDependencies;
}

/** Attempts may take this long to notice their cancellation before the process stops regardless. @format milliseconds */
const CANCEL_WITHIN_MS = 5_000;

export async function createWorkers(options: WorkerOptions): Promise<Worker[]> {
  const { connection, namespace, bundlePath, shutdownGraceMs } = options;
  const shared = {
    connection,
    namespace,
    identity: options.activities.worker,
    shutdownGraceTime: shutdownGraceMs,
    shutdownForceTime: shutdownGraceMs + CANCEL_WITHIN_MS,
  };
  const workflows = Worker.create({
    ...shared,
    taskQueue: WORKFLOW_TASK_QUEUE,
    workflowBundle: { codePath: bundlePath },
    // Only the local ones of the workflow side; attempts never come here.
    activities: workflowSideActivities,
    enableNonLocalActivities: false,
    // Histories are short, so replaying one costs less than waiting for the worker that knew it and died.
    stickyQueueScheduleToStartTimeout: '100ms',
  });
  const activities = createActivities(options.activities);
  const queues = options.queues.map(({ name, concurrency }) =>
    Worker.create({
      ...shared,
      taskQueue: name,
      activities,
      maxConcurrentActivityTaskExecutions: concurrency,
      // Heartbeats go out every second, not after 80 % of their timeout: a crash shows sooner, and so does progress.
      maxHeartbeatThrottleInterval: '1s',
    }),
  );
  return Promise.all([workflows, ...queues]);
}

/** Call it once, before anything else of the SDK. */
export function installRuntime(log: Logger): void {
  Runtime.install({
    // Workers are stopped by their process, which knows about grace times.
    shutdownSignals: [],
    // By this the web tells within seconds whether any worker is there.
    workerHeartbeatInterval: '1s',
    logger: new DefaultLogger('DEBUG', ({ level, message, meta }) =>
      log[pinoLevel(level, message)](meta ?? {}, message),
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

export async function connectWorkers(temporal: TemporalConfig): Promise<NativeConnection> {
  return NativeConnection.connect(temporal.connection);
}
