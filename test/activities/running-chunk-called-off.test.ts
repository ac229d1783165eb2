/** What a worker does with a chunk that it is not to go on with: its group wants jobs back, it stops itself, or nobody waits any more. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FAILURE } from '../../src/contract/failures.ts';
import { chunkInHand, held, ok, pass, saidOf, takes, useFakeClock, type Work } from '../support/chunk-in-hand.ts';

beforeEach(useFakeClock);
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('a chunk whose worker stops', () => {
  test('gives back at once what it has not begun, and finishes the rest', async () => {
    const { run, stop, group } = chunkInHand({ jobs: { slow: takes(5_000), b: ok }, slots: 1 });
    const running = run();
    await pass(10);
    stop();
    await pass(100);
    expect(group.told).toMatchObject([{ returned: [1], begun: [{ item: 0 }] }]);
    await pass(4_890);
    expect(await running).toMatchObject({ done: [[0, 0, 5_000, 'ok']], ended: [], returned: [] });
  });

  test('begins nothing when it came too late', async () => {
    const { run, stop, begun } = chunkInHand({ jobs: { a: ok, b: ok } });
    stop();
    expect(await run()).toMatchObject({ returned: [0, 1], done: [] });
    expect(begun).toEqual([]);
  });

  test('interrupts what still runs when the grace time is over, with what it had reached', async () => {
    const slow = held();
    const { run, stop, graceIsOver } = chunkInHand({
      jobs: {
        async slow(attempt) {
          attempt.progress(1, 2, 'half');
          return slow.work(attempt);
        },
        ok,
      },
    });
    const running = run();
    await pass(10);
    stop();
    await pass(500);
    graceIsOver();
    await pass(0);
    const report = await running;
    expect(saidOf([report])).toEqual({ 0: ['interrupted'], 1: ['done'] });
    expect(report.ended).toMatchObject([
      { item: 0, as: 'interrupted', error: { type: FAILURE.workerStopped }, report: { checkpoint: 'half' } },
    ]);
  });

  test('begins nothing that would not be interrupted, even if a slot was given in the same moment', async () => {
    const { run, slots, graceIsOver, begun } = chunkInHand({ jobs: { a: held().work }, slots: 1 });
    const other = slots.tryTake();
    const running = run();
    await pass(10);
    other?.release();
    graceIsOver();
    await pass(0);
    expect(begun).toEqual([]);
    expect(await running).toMatchObject({ returned: [0] });
    expect(slots.hasFree).toBe(true);
  });
});

describe('a chunk that is called back', () => {
  test('gives back what it has not begun, and says what it keeps', async () => {
    const slow = held();
    const { run, callBack, group } = chunkInHand({ jobs: { slow: slow.work, b: ok }, slots: 1 });
    const running = run();
    await pass(10);
    callBack();
    await pass(100);
    expect(group.told).toMatchObject([{ returned: [1], begun: [{ item: 0 }] }]);
    slow.finish();
    expect(saidOf([await running])).toEqual({ 0: ['done'] });
  });

  test('says what it keeps also when it has begun all', async () => {
    const slow = held();
    const { run, callBack, group } = chunkInHand({ jobs: { slow: slow.work } });
    const running = run();
    await pass(3_000);
    callBack();
    await pass(100);
    expect(group.told).toMatchObject([{ returned: [], begun: [{ item: 0 }], done: [] }]);
    slow.finish();
    await running;
  });

  test('stops those whose group wants them stopped, now or later, and no other', async () => {
    const keeps = held();
    const { run, callBack, group } = chunkInHand({ jobs: { now: held().work, later: held().work, keeps: keeps.work } });
    const running = run();
    await pass(10);
    group.cancellations = { abort: [0] };
    callBack();
    await pass(100);
    expect(saidOf(group.told)).toEqual({ 0: ['cancelled'] });
    group.cancellations = { abort: [0, 1] };
    await pass(1_000);
    expect(saidOf(group.told)).toEqual({ 0: ['cancelled'], 1: ['cancelled'] });
    keeps.finish();
    expect(saidOf([await running])).toEqual({ 2: ['done'] });
  });

  test('asks again when the group does not answer', async () => {
    const { run, callBack, group } = chunkInHand({ jobs: { unwanted: held().work } });
    const running = run();
    await pass(10);
    group.isReachable = false;
    callBack();
    await pass(2_500);
    group.isReachable = true;
    group.cancellations = { abort: [0] };
    await pass(1_000);
    expect(saidOf([await running])).toEqual({ 0: ['cancelled'] });
  });

  test('asks no more once it is over', async () => {
    const slow = held();
    const { run, callBack, line } = chunkInHand({ jobs: { slow: slow.work } });
    const running = run();
    await pass(10);
    callBack();
    await pass(100);
    slow.finish();
    await running;
    const { length } = line.cancellations.mock.calls;
    await pass(10_000);
    expect(line.cancellations.mock.calls).toHaveLength(length);
    expect(vi.getTimerCount()).toBe(0);
  });

  test.each(['notFound', 'timedOut'] as const)('stops all when the server has given it up: %s', async (why) => {
    const signals: AbortSignal[] = [];
    const slow = held();
    const work: Work = async (attempt) => {
      signals.push(attempt.signal);
      return slow.work(attempt);
    };
    const { run, giveUp } = chunkInHand({ jobs: { a: work, b: work } });
    const running = run();
    await pass(10);
    giveUp(why);
    await pass(0);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    expect(saidOf([await running])).toEqual({ 0: ['cancelled'], 1: ['cancelled'] });
  });
});
