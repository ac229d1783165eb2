/** What an attempt says of itself, however its handler ends: the job loop decides by nothing else. */
import { ActivityCancellationDetails, CancelledFailure, type ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { pino } from 'pino';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { ActivityInHand } from '../../src/activities/dependencies.ts';
import { runAttempt } from '../../src/activities/run-attempt.ts';
import { attemptEndFromError } from '../../src/job/attempt-end.ts';
import { FAILURE } from '../../src/contract/failures.ts';
import type { AttemptInput, AttemptReport, AttemptSuccess } from '../../src/job/job.ts';
import { discardJob, retryLater } from '../../src/job/verdicts.ts';
import { inProcessRunners } from '../support/in-process-runners.ts';
import { attemptInput, workOf, type Greet } from '../support/kinds.ts';

const input: AttemptInput = attemptInput({ jobId: 'name-1', number: 3, args: { name: '  foo ' } });

function setup(handler: Greet, note?: (activity: ActivityInHand) => Disposable) {
  const env = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
  const heartbeats: AttemptReport[] = [];
  env.on('heartbeat', (report: AttemptReport) => heartbeats.push(report));
  const runners = inProcessRunners(workOf(handler), 'worker-1', pino({ level: 'silent' }));
  const activity = runAttempt({ runners, worker: 'worker-1', ...(note && { note }) });
  const run = (attempt = input): Promise<AttemptSuccess> => env.run(activity, attempt);
  const failure = async (attempt = input): Promise<ApplicationFailure | CancelledFailure> =>
    run(attempt).then(
      () => expect.fail('the attempt did not fail'),
      (error: ApplicationFailure | CancelledFailure) => error,
    );
  return { env, heartbeats, run, failure };
}

const begun = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Never ends by itself. */
const untilAborted: Greet = async (_args, { signal }) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));

afterEach(() => {
  vi.useRealTimers();
});

describe('an attempt that goes well', () => {
  test('hands the handler checked arguments, and reports its times and worker', async () => {
    const done = await setup(async ({ name }) => `Hello, ${name}`).run();
    expect(done).toMatchObject({ result: 'Hello, foo', worker: 'worker-1' });
    expect(done.endedAt).toBeGreaterThanOrEqual(done.startedAt);
  });

  test('carries the last progress and checkpoint', async () => {
    const { heartbeats, run } = setup(async (_args, attempt) => {
      attempt.progress(1, 4, { at: 1 });
      attempt.progress(2, 4);
      return 'ok';
    });
    const said = { progress: { done: 2, total: 4 }, checkpoint: { at: 1 } };
    expect(await run()).toMatchObject(said);
    expect(heartbeats.at(-1)).toMatchObject(said);
  });

  test('heartbeats at once and every second, though its handler is silent, and no more afterwards', async () => {
    vi.useFakeTimers();
    const { promise, resolve } = Promise.withResolvers<string>();
    const { heartbeats, run } = setup(async () => promise);
    const running = run();
    await vi.advanceTimersByTimeAsync(3_500);
    expect(heartbeats).toHaveLength(4);
    resolve('ok');
    await running;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(heartbeats).toHaveLength(4);
  });
});

describe('an attempt that does not', () => {
  test('fails with its error’s name and message, and what it had saved', async () => {
    const { failure } = setup(async (_args, attempt) => {
      attempt.progress(1, 2, 'half');
      throw new TypeError('no luck');
    });
    const error = await failure();
    expect(attemptEndFromError(error)).toMatchObject({
      as: 'failed',
      retryable: true,
      error: { type: 'TypeError', message: 'no luck' },
      report: { worker: 'worker-1', checkpoint: 'half', progress: { done: 1, total: 2 } },
    });
  });

  test('is not even started with arguments that its kind does not take', async () => {
    const handler = vi.fn<Greet>();
    const error = await setup(handler).failure({ ...input, args: { name: '' } });
    expect(handler).not.toHaveBeenCalled();
    expect(attemptEndFromError(error)).toMatchObject({
      as: 'failed',
      retryable: false,
      error: { type: FAILURE.argsInvalid, message: 'args.name must not be empty' },
    });
  });

  test('names the delay until the next one', async () => {
    const error = await setup(async () => {
      throw retryLater('busy', 90_000);
    }).failure();
    expect(attemptEndFromError(error)).toMatchObject({
      as: 'failed',
      delayMs: 90_000,
      error: { type: 'JobRetryLater' },
    });
  });

  test('discards its job', async () => {
    const error = await setup(async () => {
      throw discardJob('no longer wanted');
    }).failure();
    expect(attemptEndFromError(error)).toMatchObject({ as: 'discarded', error: { message: 'no longer wanted' } });
  });

  test('may throw anything', async () => {
    const error = await setup(async () => {
      throw 'a string';
    }).failure();
    expect(attemptEndFromError(error)).toMatchObject({ as: 'failed', error: { type: 'Error', message: 'a string' } });
  });

  test('is cancelled when its job is', async () => {
    const { env, failure } = setup(untilAborted);
    const failing = failure();
    await begun();
    env.cancel();
    const error = await failing;
    expect(error).toBeInstanceOf(CancelledFailure);
    expect(attemptEndFromError(error)).toMatchObject({ as: 'cancelled', report: { worker: 'worker-1' } });
  });

  test('is interrupted when its worker stops', async () => {
    const { env, failure } = setup(untilAborted);
    const failing = failure();
    await begun();
    env.cancel('WORKER_SHUTDOWN', new ActivityCancellationDetails({ workerShutdown: true }));
    expect(attemptEndFromError(await failing)).toMatchObject({
      as: 'interrupted',
      error: { type: FAILURE.workerStopped },
      report: { worker: 'worker-1' },
    });
  });
});

test('it is noted while it is in hand, and no longer, good or bad', async () => {
  const inHand = new Set<ActivityInHand>();
  const seen: ActivityInHand[] = [];
  const { env, failure } = setup(
    async () => {
      seen.push(...inHand);
      throw new Error('no luck');
    },
    (activity) => {
      inHand.add(activity);
      return { [Symbol.dispose]: () => inHand.delete(activity) };
    },
  );
  await failure();
  const { base64TaskToken: taskToken, activityId } = env.context.info;
  expect(seen).toMatchObject([{ taskToken, activityId }]);
  expect(inHand.size).toBe(0);
});
