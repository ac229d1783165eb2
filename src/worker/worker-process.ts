/** One worker process: runs attempts until it is told to stop, and tells its keeper of each, so that none is missed if it dies. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NativeConnection, Worker } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { AttemptObserver, Handlers } from '../activities/attempt.ts';
import type { Config } from '../config.ts';
import { connectWorkers, createWorkers, installRuntime } from './create-workers.ts';
import type { FromWorker, WorkerAssignment } from './keeper-messages.ts';
import { watchPace } from './queue-pace.ts';

const CONNECT_AGAIN_AFTER_MS = 250;

export interface WorkerProcessOptions {
  readonly config: Config;
  readonly assignment: WorkerAssignment;
  readonly log: Logger;
  readonly tellKeeper: (message: FromWorker) => void;
  /** Other work for some kinds, for tests. */
  readonly handlers?: Partial<Handlers>;
  /** Asks for an orderly stop. */
  readonly stop: AbortSignal;
}

/** Runs until stopped. Rejects when a worker cannot go on, so that the process ends and its keeper starts another. */
export async function runWorkerProcess(options: WorkerProcessOptions): Promise<void> {
  const { config, assignment, log, tellKeeper, stop } = options;
  installRuntime(log);
  const connection = await connected(options);
  if (!connection) return;
  const graceOver = new AbortController();
  try {
    using pace = watchPace(
      connection,
      config.temporal.namespace,
      assignment.queues.map(({ name }) => name),
    );
    const workers = await createWorkers({
      connection,
      namespace: config.temporal.namespace,
      queues: assignment.queues,
      bundlePath: assignment.bundlePath,
      ...(options.handlers && { handlers: options.handlers }),
      shutdownGraceMs: config.shutdownGraceMs,
      activities: {
        log,
        reportsFolder: join(config.home, 'reports'),
        worker: `worker-${process.pid}@${hostname()}`,
        observer: observerFor(tellKeeper),
        stopping: stop,
        graceOver: graceOver.signal,
        isPaced: (queue) => pace.isPaced(queue),
      },
    });
    const running = Promise.all(workers.map((worker) => worker.run()));
    onStop(stop, () => {
      shutDown(workers);
      setTimeout(() => graceOver.abort(), config.shutdownGraceMs).unref();
    });
    log.info({ event: 'worker.ready', queues: assignment.queues.map(({ name }) => name) }, 'worker ready');
    tellKeeper({ type: 'ready' });
    await running;
    log.info({ event: 'worker.stopped' }, 'worker stopped');
  } finally {
    await connection.close();
  }
}

/** Waits for Temporal, which may start after its workers. @returns `undefined` when stopped meanwhile */
async function connected({ config, log, stop }: WorkerProcessOptions): Promise<NativeConnection | undefined> {
  for (let tries = 0; !stop.aborted; tries += 1) {
    try {
      return await connectWorkers(config.temporal);
    } catch (error) {
      if (tries === 0)
        log.info(
          { event: 'worker.waiting', address: config.temporal.address },
          `waiting for Temporal: ${String(error)}`,
        );
      await sleep(CONNECT_AGAIN_AFTER_MS);
    }
  }
  return undefined;
}

function observerFor(tellKeeper: (message: FromWorker) => void): AttemptObserver {
  return {
    started: (token, report) => tellKeeper({ type: 'attemptStarted', token, report }),
    progressed: (token, report) => tellKeeper({ type: 'attemptProgressed', token, report }),
    ended: (token) => tellKeeper({ type: 'attemptEnded', token }),
  };
}

function onStop(stop: AbortSignal, listener: () => void): void {
  if (stop.aborted) listener();
  else stop.addEventListener('abort', listener, { once: true });
}

function shutDown(workers: readonly Worker[]): void {
  for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
}
