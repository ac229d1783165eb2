/**
 * A worker: the one process that talks to Temporal. It runs no application code; runners do, so that nothing they do to their process
 * stops heartbeats, cancels or reports. It ends when it is told to, or when it cannot go on, and then says why.
 */
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import type { NativeConnection, Worker } from '@temporalio/worker';
import type { Logger } from 'pino';
import { ServerClock } from '../activities/server-clock.ts';
import { Slots } from '../activities/slots.ts';
import type { Config } from '../config/config.ts';
import { describeAddress, tellProxy } from '../config/proxy.ts';
import { aborted } from '../process/stop-signals.ts';
import { ActivitiesInHand } from './activities-in-hand.ts';
import { createJobs } from '../temporal/create-jobs.ts';
import { enqueueForAttempts } from './enqueue-for-attempts.ts';
import { connectWorkers, createWorkers, type QueueOptions } from './create-workers.ts';
import { reportPredecessors } from './predecessors.ts';
import { watchPace } from './queue-pace.ts';
import { RunnerPool } from './runners/runner-pool.ts';
import type { RunnerProgram } from './runners/runner-process.ts';

const CONNECT_AGAIN_AFTER_MS = 250;

export interface RunWorkerOptions {
  readonly config: Pick<Config, 'temporal' | 'shutdownGraceMs' | 'maxBusyMs' | 'home'>;
  /** @default every queue that kinds of the configuration name */
  readonly queues?: readonly QueueOptions[] | undefined;
  /** Attempts that one runner runs at the same time, of each queue that does not say. */
  readonly concurrency: number;
  /** Resolves with the path of the workflow code. Begins at once, while this connects. */
  readonly prepareBundle: () => Promise<string>;
  readonly runnerProgram: RunnerProgram;
  /** Runners that share the work. */
  readonly processes: number;
  readonly log: Logger;
  /** The first asks for an orderly stop, the second cuts off what runs. */
  readonly stop: { readonly first: AbortSignal; readonly second: AbortSignal };
  /** Notes a runner's pid until the result is disposed of. */
  readonly noteRunner?: (pid: number) => Disposable;
}

/** Call {@link installRuntime} before. Runs until stopped. @throws when it cannot go on: the process has to end then */
export async function runWorker(options: RunWorkerOptions): Promise<void> {
  const { config, log, stop } = options;
  const worker = `worker-${process.pid}@${hostname()}`;
  const slots = new Map<string, Slots>();
  const inHand = new ActivitiesInHand(config.home);
  const enqueueing = Promise.withResolvers<ReturnType<typeof enqueueForAttempts>>();
  // Before all else: they start while this connects.
  await using runners = new RunnerPool({
    program: options.runnerProgram,
    processes: options.processes,
    worker,
    maxBusyMs: config.maxBusyMs,
    log,
    note: (pid) => noteBoth(inHand.noteRunner(pid), options.noteRunner?.(pid)),
    enqueue: async (asked) => (await enqueueing.promise)(asked),
    onRoom: (hasRoom) => slots.forEach((each) => (hasRoom ? each.open() : each.close())),
  });
  tellProxy(config.temporal, log);
  const bundle = options.prepareBundle();
  // Without its code it cannot go on, whether Temporal is there or not.
  const connection = await Promise.race([connected(options), failureOf(bundle), failureOf(runners.ready())]);
  if (!connection) return inHand.close();
  const graceOver = new AbortController();
  try {
    const { namespace, taskQueue } = config.temporal;
    const client = new Client({ connection, namespace });
    enqueueing.resolve(enqueueForAttempts(createJobs(client, taskQueue)));
    void reportPredecessors(client, config.home, log);
    const [bundlePath] = await Promise.all([bundle, runners.ready()]);
    const queues = options.queues ?? [...runners.queues].map((name) => ({ name, concurrency: options.concurrency }));
    for (const { name, concurrency } of queues) slots.set(name, new Slots(concurrency * options.processes));
    const serverClock = new ServerClock();
    using pace = watchPace({ connection, namespace, queues: queues.map(({ name }) => name), serverClock });
    const workers = await createWorkers({
      connection,
      namespace,
      taskQueue,
      bundlePath,
      slots,
      shutdownGraceMs: config.shutdownGraceMs,
      activities: {
        runners,
        worker,
        serverClock,
        note: (activity) => inHand.note(activity),
        stopping: stop.first,
        graceOver: graceOver.signal,
        isPaced: (queue) => pace.isPaced(queue),
      },
    });
    const running = Promise.all(workers.map((each) => each.run()));
    void shutDownWhenTold(options, workers, graceOver);
    log.info({ event: 'worker.ready', queues: queues.map(({ name }) => name) }, 'worker ready');
    await running;
    // Everything is told. A worker that fails leaves this for its successor.
    inHand.close();
    log.info({ event: 'worker.stopped' }, 'worker stopped');
  } finally {
    // While a worker of this process fails, this throws, and would hide why.
    await connection.close().catch((error: unknown) => log.debug({ err: error }, 'the connection did not close'));
  }
}

/** Waits for Temporal, which may start after its workers. @returns `undefined` when stopped meanwhile */
async function connected({ config, log, stop }: RunWorkerOptions): Promise<NativeConnection | undefined> {
  for (let tries = 0; !stop.first.aborted; tries += 1) {
    try {
      return await connectWorkers(config.temporal);
    } catch (error) {
      if (tries === 0)
        log.info(
          { event: 'worker.waiting', address: config.temporal.address },
          `waiting for Temporal at ${describeAddress(config.temporal)}: ${String(error)}`,
        );
      await sleep(CONNECT_AGAIN_AFTER_MS);
    }
  }
  return undefined;
}

/** Rejects when that does, and never resolves. */
async function failureOf(work: Promise<unknown>): Promise<never> {
  await work;
  return new Promise(() => {});
}

/** @param graceOver aborted when what still runs is cut off: after its grace time, or at the second wish */
async function shutDownWhenTold(
  { config, stop }: RunWorkerOptions,
  workers: readonly Worker[],
  graceOver: AbortController,
): Promise<void> {
  await aborted(stop.first);
  for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  await Promise.race([sleep(config.shutdownGraceMs, undefined, { ref: false }), aborted(stop.second)]);
  graceOver.abort();
}

function noteBoth(one: Disposable, other: Disposable | undefined): Disposable {
  return {
    [Symbol.dispose]() {
      one[Symbol.dispose]();
      other?.[Symbol.dispose]();
    },
  };
}
