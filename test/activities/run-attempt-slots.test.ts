/** An attempt that finds all slots of its queue taken: how it waits, and what it does when it is not to begin any more. */
import { ActivityCancellationDetails } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ActivityDependencies } from '../../src/activities/dependencies.ts';
import { runAttempt } from '../../src/activities/run-attempt.ts';
import { Slots } from '../../src/activities/slots.ts';
import { attemptEndFromError } from '../../src/job/attempt-end.ts';
import { FAILURE } from '../../src/contract/failures.ts';
import type { AttemptEnd } from '../../src/job/job-events.ts';
import type { AttemptSuccess } from '../../src/job/job.ts';
import { pass, useFakeClock } from '../support/chunk-in-hand.ts';
import { inProcessRunners } from '../support/in-process-runners.ts';
import { attemptInput, workOf, type Greet } from '../support/kinds.ts';

beforeEach(useFakeClock);
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

interface Options {
  readonly priority?: number;
  readonly handler?: Greet;
  readonly slotsOf?: ActivityDependencies['slots'];
}

function setup(slots = new Slots(1)) {
  const stopping = new AbortController();
  const begin = ({ priority, handler = async ({ name }) => `Hello, ${name}`, slotsOf = () => slots }: Options = {}) => {
    const info = priority === undefined ? {} : { priority: { priorityKey: priority } };
    const env = new MockActivityEnvironment(info, { logger: new DefaultLogger('ERROR') });
    const heartbeats: unknown[] = [];
    env.on('heartbeat', (report) => heartbeats.push(report));
    const work = vi.fn<Greet>(handler);
    const runners = inProcessRunners(workOf(work), 'worker-1', pino({ level: 'silent' }));
    const deps = { runners, worker: 'worker-1', slots: slotsOf, stopping: stopping.signal };
    const activity = runAttempt(deps);
    const input = attemptInput({ jobId: 'name-1' });
    const attempt = { env, heartbeats, work, end: undefined as AttemptEnd | undefined };
    const run = async (): Promise<void> => {
      attempt.end = await env
        .run(activity, input)
        .then((report): AttemptEnd => ({ as: 'done', report: report as AttemptSuccess }))
        .catch(attemptEndFromError);
    };
    void run();
    return attempt;
  };
  return { slots, stop: () => stopping.abort(), begin };
}

test('it begins when a slot is free, and frees it again, however it ends', async () => {
  const { slots, begin } = setup();
  const other = slots.tryTake();
  const first = begin({
    handler: async () => {
      throw new Error('no luck');
    },
  });
  const second = begin();
  await pass(100);
  expect(first.work).not.toHaveBeenCalled();
  other?.release();
  await pass(0);
  expect(first.end).toMatchObject({ as: 'failed' });
  expect(second.end).toMatchObject({ as: 'done' });
  expect(slots.hasFree).toBe(true);
});

test('it waits for its turn by its priority', async () => {
  const { slots, begin } = setup();
  const order: string[] = [];
  const other = slots.tryTake();
  for (const [name, priority] of [['low', 5], ['none'], ['high', 1]] as const)
    begin({
      ...(priority && { priority }),
      async handler() {
        order.push(name);
        return name;
      },
    });
  other?.release();
  await pass(0);
  expect(order).toEqual(['high', 'none', 'low']);
});

test('it goes back into its queue where no slot is free in time, and heartbeats no more', async () => {
  const { slots, begin } = setup();
  slots.tryTake();
  const attempt = begin();
  await pass(499);
  expect(attempt.end).toBeUndefined();
  await pass(1);
  expect(attempt.end).toEqual({ as: 'returned', delayMs: 0 });
  expect(attempt.work).not.toHaveBeenCalled();
  const { length } = attempt.heartbeats;
  await pass(5_000);
  expect(attempt.heartbeats).toHaveLength(length);
});

test('it ends at once when it is cancelled, without its turn', async () => {
  const { slots, begin } = setup();
  const other = slots.tryTake();
  const attempt = begin();
  const waiting = begin();
  await pass(100);
  attempt.env.cancel();
  await pass(0);
  expect(attempt.end).toBeDefined();
  other?.release();
  await pass(0);
  expect(attempt.work).not.toHaveBeenCalled();
  expect(waiting.end).toMatchObject({ as: 'done' });
});

test('it counts as cancelled when it is, though it never began', async () => {
  const { slots, begin } = setup();
  slots.tryTake();
  const attempt = begin();
  await pass(100);
  attempt.env.cancel();
  await pass(0);
  expect(attempt.end).toMatchObject({ as: 'cancelled' });
});

test('it goes to another worker at once when its own begins to stop', async () => {
  const { slots, begin, stop } = setup();
  slots.tryTake();
  const attempt = begin();
  await pass(100);
  stop();
  await pass(0);
  expect(attempt.end).toMatchObject({ as: 'interrupted', error: { type: FAILURE.workerStopped } });
  expect(attempt.work).not.toHaveBeenCalled();
});

test('it is interrupted when the grace time is over', async () => {
  const { slots, begin } = setup();
  slots.tryTake();
  const attempt = begin();
  await pass(100);
  attempt.env.cancel('WORKER_SHUTDOWN', new ActivityCancellationDetails({ workerShutdown: true }));
  await pass(0);
  expect(attempt.end).toMatchObject({ as: 'interrupted', error: { type: FAILURE.workerStopped } });
});

test('it goes on when its worker begins to stop after it has begun', async () => {
  const { begin, stop } = setup();
  const { promise, resolve } = Promise.withResolvers<string>();
  const attempt = begin({ handler: async () => promise });
  await pass(0);
  stop();
  await pass(100);
  resolve('ok');
  await pass(0);
  expect(attempt.end).toMatchObject({ as: 'done' });
});

test('it fails, and heartbeats no more, on a worker that does not serve its queue', async () => {
  const { begin } = setup();
  const attempt = begin({
    slotsOf() {
      throw new Error('this worker does not serve it');
    },
  });
  await pass(0);
  expect(attempt.end).toMatchObject({ as: 'failed', error: { message: 'this worker does not serve it' } });
  const { length } = attempt.heartbeats;
  await pass(5_000);
  expect(attempt.heartbeats).toHaveLength(length);
});
