/** The job loop over days and months, in skipped time. */
import { ApplicationFailure } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { DEAD_RETENTION_MS, DEFAULT_RETRY_DELAYS_MS } from '../../src/job/retry-delays.ts';
import { FAILURE } from '../../src/contract/failures.ts';
import { UPDATES } from '../../src/contract/messages.ts';
import { discardJob, retryLater } from '../../src/job/verdicts.ts';
import { SEARCH_ATTRIBUTES } from '../../src/contract/search-attributes.ts';
import type { Worker } from '@temporalio/worker';
import { lost, stopped as workerStopped } from '../support/scripted-ends.ts';
import { scriptedWorld, type ScriptedWorld } from '../support/scripted-world.ts';
import { whileRunning } from '../support/while-running.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let env: TestWorkflowEnvironment;
let world: ScriptedWorld & { workers: Worker[] };
let stop: () => void;
let stopped: Promise<void>;

beforeAll(async () => {
  env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: inject('temporalTestServer') } },
  });
  for (const { name, type } of SEARCH_ATTRIBUTES)
    await env.connection.operatorService.addSearchAttributes({
      namespace: env.namespace ?? 'default',
      // Temporal's `IndexedValueType`: a date and time, or a keyword.
      searchAttributes: { [name]: type === 'DATETIME' ? 6 : 2 },
    });
  world = await scriptedWorld({
    client: env.client,
    connection: env.nativeConnection,
    workflowBundlePath: inject('workflowBundlePath'),
    queue: 'skipped-time',
  });
  const end = Promise.withResolvers<void>();
  stop = end.resolve;
  stopped = whileRunning(world.workers, () => end.promise);
}, 60_000);

afterAll(async () => {
  stop();
  await stopped;
  await env.teardown();
});

const fails = (): never => {
  throw new Error('no luck');
};

/** Waits, with time skipped, until the job is over; a job that does not end well makes that reject. */
const over = async (jobId: string): Promise<unknown> =>
  env.client.workflow
    .getHandle(jobId)
    .result()
    .catch((error: unknown) => error);

const due = (attempts: readonly { dueAt: number }[]): number[] => attempts.map(({ dueAt }) => dueAt);

describe('the list of retry delays', () => {
  test('climbs from 3 s to once every 24 h, is dead after 25 attempts, and fails for good 30 days later', async () => {
    const id = await world.start(fails);
    await over(id);
    const job = await world.view(id);
    expect(job).toMatchObject({ state: 'dead', attempt: 25, crashes: 0, error: { type: 'Error', message: 'no luck' } });

    const dueTimes = due(world.attempts.filter(({ jobId }) => jobId === id));
    const waits = dueTimes.slice(1).map((at, n) => at - (dueTimes[n] ?? 0));
    const retryDelays = [
      ...DEFAULT_RETRY_DELAYS_MS,
      ...Array.from({ length: 24 - DEFAULT_RETRY_DELAYS_MS.length }, () => DAY),
    ];
    // Each wait holds the attempt itself as well, which takes moments.
    for (const [n, wait] of waits.entries()) expect(wait - (retryDelays[n] ?? 0)).toBeGreaterThanOrEqual(0);
    for (const [n, wait] of waits.entries()) expect(wait - (retryDelays[n] ?? 0)).toBeLessThan(2_000);

    const lastEnd = Date.parse(job.attempts.at(-1)?.endedAt ?? '');
    const retained = Date.parse(job.endedAt ?? '') - dueTimes.reduce((a, b) => Math.max(a, b));
    expect(Number.isNaN(lastEnd)).toBe(false);
    expect(retained).toBeGreaterThanOrEqual(DEAD_RETENTION_MS);
    expect(retained).toBeLessThan(DEAD_RETENTION_MS + HOUR);
  }, 60_000);

  test('is the job’s own when it brings one', async () => {
    const id = await world.start(fails, { retryDelaysMs: [1_000, DAY], maxAttempts: 4 });
    await over(id);
    const dueTimes = due(world.attempts.filter(({ jobId }) => jobId === id));
    const waits = dueTimes.slice(1).map((at, n) => Math.floor((at - (dueTimes[n] ?? 0)) / 1_000));
    expect(waits).toEqual([1, DAY / 1_000, DAY / 1_000]);
  });

  test('gives way to the delay that the work names, which counts as an attempt', async () => {
    let tries = 0;
    const id = await world.start(() => {
      tries += 1;
      if (tries > 1) return 'now it worked';
      throw retryLater('not yet', 6 * HOUR);
    });
    expect(await over(id)).toBe('now it worked');
    const [first = 0, second = 0] = due(world.attempts.filter(({ jobId }) => jobId === id));
    expect(Math.round((second - first) / HOUR)).toBe(6);
    expect((await world.view(id)).attempt).toBe(2);
  });
});

describe('an attempt', () => {
  test('that discards its job ends it at once', async () => {
    const id = await world.start(() => {
      throw discardJob('no longer wanted');
    });
    await over(id);
    expect(await world.view(id)).toMatchObject({
      state: 'discarded',
      attempt: 1,
      error: { message: 'no longer wanted' },
    });
  });

  test('that cannot ever succeed makes its job dead at once', async () => {
    const id = await world.start(() => {
      throw ApplicationFailure.create({ message: 'never', nonRetryable: true });
    });
    await over(id);
    expect(await world.view(id)).toMatchObject({ state: 'dead', attempt: 1 });
  });

  test('whose process dies runs again and uses no retry delay; alone from the third on, and the third such is a poison pill', async () => {
    const id = await world.start(({ isSuspect }) => lost(isSuspect ? 'alone' : 'shared'));
    await over(id);
    const job = await world.view(id);
    expect(job).toMatchObject({ state: 'dead', crashes: 5, attempt: 0, error: { type: FAILURE.poisonPill } });
    const dueTimes = due(world.attempts.filter(({ jobId }) => jobId === id));
    expect(dueTimes).toHaveLength(5);
    // At once after the first, then after 1, 2 and 4 s.
    const pauses = dueTimes.slice(1).map((time, n) => Math.round((time - (dueTimes[n] ?? 0)) / 1_000));
    expect(pauses).toEqual([0, 1, 2, 4]);
  });

  test('that fails between crashes breaks their row', async () => {
    const ends = ['lost', 'lost', 'lost', 'lost', 'fails', 'lost', 'lost', 'lost', 'lost', 'works'];
    const id = await world.start(({ number }) => {
      const end = ends[number - 1];
      if (end === 'works') return 'at last';
      if (end === 'lost') lost('none');
      throw new Error(end);
    });
    expect(await over(id)).toBe('at last');
    expect(await world.view(id)).toMatchObject({ state: 'done', crashes: 8, attempt: 2 });
  });

  test('whose worker was stopped runs again at once, and nobody is blamed', async () => {
    const id = await world.start(({ number }) => {
      if (number > 6) return 'done';
      return workerStopped();
    });
    expect(await over(id)).toBe('done');
    expect(await world.view(id)).toMatchObject({ state: 'done', crashes: 0, attempt: 1 });
  });
});

describe('actions', () => {
  /** By the clock of the test server, which has skipped months by now. */
  const inDays = async (days: number): Promise<string> =>
    new Date((await env.currentTimeMs()) + days * DAY).toISOString();

  test('reschedule moves a job earlier and later', async () => {
    const id = await world.start(() => 'ran', { dueAt: await inDays(10) });
    const handle = env.client.workflow.getHandle(id);
    const later = await inDays(40);
    expect(await handle.executeUpdate(UPDATES.reschedule, { args: [{ dueAt: later }] })).toMatchObject({
      dueAt: later,
    });
    const earlier = await inDays(5);
    expect(await handle.executeUpdate(UPDATES.reschedule, { args: [{ dueAt: earlier }] })).toMatchObject({
      dueAt: earlier,
    });
    await handle.result();
    expect(due(world.attempts.filter(({ jobId }) => jobId === id))).toEqual([Date.parse(earlier)]);
  });

  test('a paused job does not run when it is due, and runs when it is resumed', async () => {
    const id = await world.start(() => 'ran', { dueAt: await inDays(1) });
    const handle = env.client.workflow.getHandle(id);
    expect(await handle.executeUpdate(UPDATES.pause, { args: [{}] })).toMatchObject({ state: 'paused' });
    await env.sleep(3 * DAY);
    expect(await world.view(id)).toMatchObject({ state: 'paused', attempts: [] });
    expect(await handle.executeUpdate(UPDATES.resume, { args: [{}] })).toMatchObject({
      state: expect.stringMatching(/scheduled|queued|done/),
    });
    await handle.result();
    expect((await world.view(id)).state).toBe('done');
  });

  test('run now does not wait', async () => {
    const id = await world.start(() => 'ran', { dueAt: await inDays(300) });
    const handle = env.client.workflow.getHandle(id);
    await handle.executeUpdate(UPDATES.runNow, { args: [{}] });
    await handle.result();
    expect((await world.view(id)).state).toBe('done');
  });

  test('a dead job waits for a person, whose retry gives it its whole list of retry delays again', async () => {
    const id = await world.start(fails, { maxAttempts: 2, retryDelaysMs: [60_000] });
    const handle = env.client.workflow.getHandle(id);
    await env.sleep(DAY);
    expect(await world.view(id)).toMatchObject({ state: 'dead', attempt: 2 });
    await handle.executeUpdate(UPDATES.retry, { args: [{}] });
    await env.sleep(DAY);
    const again = await world.view(id);
    expect(again).toMatchObject({ state: 'dead', attempt: 2 });
    expect(again.attempts.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    expect(await handle.executeUpdate(UPDATES.discard, { args: [{}] })).toMatchObject({ state: 'discarded' });
    await over(id);
  });

  test('an edit of a dead job changes what its retry does', async () => {
    const id = await world.start(
      ({ args }) => {
        const { name } = args as { name: string };
        if (name === 'bad') throw ApplicationFailure.create({ message: 'bad name', nonRetryable: true });
        return name;
      },
      { args: { name: 'bad' } },
    );
    const handle = env.client.workflow.getHandle(id);
    await env.sleep('1 minute');
    expect((await world.view(id)).state).toBe('dead');
    await handle.executeUpdate(UPDATES.edit, { args: [{ changes: { args: { name: 'good' } } }] });
    await handle.executeUpdate(UPDATES.retry, { args: [{}] });
    expect(await handle.result()).toBe('good');
  });

  test('cancelling a waiting job ends it', async () => {
    const id = await world.start(() => 'ran', { dueAt: await inDays(10) });
    await env.client.workflow.getHandle(id).cancel();
    await over(id);
    expect(await world.view(id)).toMatchObject({ state: 'cancelled', attempts: [] });
  });

  test('cancelling a running job reaches its attempt', async () => {
    const started = Promise.withResolvers<void>();
    const id = await world.start(async (_attempt, signal) => {
      started.resolve();
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
    });
    await started.promise;
    await env.client.workflow.getHandle(id).cancel();
    await over(id);
    const job = await world.view(id);
    expect(job.state).toBe('cancelled');
    expect(job.attempts.map(({ outcome }) => outcome)).toEqual(['cancelled']);
  });

  test('an action that the state does not allow is refused with the state', async () => {
    const id = await world.start(() => 'ran', { dueAt: await inDays(10) });
    const handle = env.client.workflow.getHandle(id);
    await expect(handle.executeUpdate(UPDATES.retry, { args: [{}] })).rejects.toMatchObject({
      cause: { type: FAILURE.actionIllegal, details: ['scheduled'] },
    });
    await expect(handle.executeUpdate(UPDATES.reschedule, { args: [{ dueAt: 'tomorrow' }] })).rejects.toMatchObject({
      cause: { type: FAILURE.actionInvalid },
    });
    await handle.executeUpdate(UPDATES.discard, { args: [{}] });
    await over(id);
  });
});
