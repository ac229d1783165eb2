/** What a worker does with a chunk: which jobs it begins, what it gives back, and how each of them ends. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { chunkInHand, ok, pass, saidOf, takes, useFakeClock, WORKER } from '../support/chunk-in-hand.ts';

beforeEach(useFakeClock);
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('a chunk with room for all its jobs', () => {
  test('says of jobs that are done no more than when, how long and with what result', async () => {
    const { run, group } = chunkInHand({ jobs: { foo: async () => 'Hello, foo', bar: takes(20, 'Hello, bar') } });
    const running = run();
    await pass(20);
    expect(await running).toEqual({
      startedAt: Date.now() - 20,
      worker: WORKER,
      done: [
        [0, 0, 0, 'Hello, foo'],
        [1, 0, 20, 'Hello, bar'],
      ],
      ended: [],
      begun: [],
      returned: [],
    });
    expect(group.told).toEqual([]);
  });

  test('runs them at the same time', async () => {
    const { run } = chunkInHand({ jobs: { a: takes(50), b: takes(50), c: takes(50) } });
    const running = run();
    await pass(50);
    expect((await running).done).toHaveLength(3);
  });

  test('takes one slot for each, and leaves none taken', async () => {
    const { run, slots } = chunkInHand({ jobs: { a: takes(50), b: takes(20) }, slots: 2 });
    const running = run();
    await pass(19);
    expect(slots.hasFree).toBe(false);
    await pass(1);
    expect(slots.hasFree).toBe(true);
    await pass(30);
    await running;
    expect([slots.tryTake(), slots.tryTake()]).not.toContain(undefined);
  });

  test('tells each attempt what is its own and what is the chunk’s', async () => {
    const seen = vi.fn<(attempt: object) => void>();
    const work = async (attempt: object): Promise<string> => {
      seen(attempt);
      return 'ok';
    };
    const again = { item: 7, args: { name: 'b' }, number: 3, dueAt: 5, checkpoint: { rows: 4 } };
    const items = [{ item: 4, args: { name: 'a' } }, again];
    await chunkInHand({ jobs: { a: work, b: work }, input: { items, queue: 'mail', dueAt: 9 } }).run();
    const shared = { kind: 'NameWorkflow', queue: 'mail' };
    expect(seen.mock.calls).toMatchObject([
      [{ ...shared, jobId: 'group-1.4', number: 1, dueAt: 9, checkpoint: undefined }],
      [{ ...shared, jobId: 'group-1.7', number: 3, dueAt: 5, checkpoint: { rows: 4 } }],
    ]);
  });

  test('is empty when it has no jobs', async () => {
    expect(await chunkInHand({}).run()).toMatchObject({ done: [], ended: [], begun: [], returned: [] });
  });
});

describe('jobs that end otherwise than well', () => {
  test('say how, with what they had reached', async () => {
    const { run } = chunkInHand({
      jobs: {
        ok,
        bad: async (attempt) => {
          attempt.progress(1, 2, 'half');
          throw new TypeError('no luck');
        },
      },
    });
    const report = await run();
    expect(saidOf([report])).toEqual({ 0: ['done'], 1: ['failed'] });
    expect(report.ended).toMatchObject([
      {
        item: 1,
        as: 'failed',
        retryable: true,
        error: { type: 'TypeError', message: 'no luck' },
        report: { checkpoint: 'half', progress: { done: 1, total: 2 } },
      },
    ]);
  });

  test('go back when this worker has no work of their kind, and the others go on', async () => {
    const items = [
      { item: 0, args: { name: 'ok' }, kind: 'LaterWorkflow' },
      { item: 1, args: { name: 'ok' }, kind: 'constructor' },
      { item: 2, args: { name: 'ok' } },
    ];
    const { run, begun } = chunkInHand({ jobs: { ok }, input: { items } });
    const report = await run();
    const givenBack = { as: 'returned', delayMs: 0, notHere: { why: 'unknownKind', worker: WORKER } };
    expect(report.ended).toEqual([
      { item: 0, ...givenBack },
      { item: 1, ...givenBack },
    ]);
    expect(saidOf([report])[2]).toEqual(['done']);
    expect(begun).toEqual(['ok']);
  });
});

describe('a chunk without room for all its jobs', () => {
  test('gives back what could not begin within 100 ms, and all that comes after', async () => {
    const { run, group, begun } = chunkInHand({ jobs: { slow: takes(1_000), b: ok, c: ok }, slots: 1 });
    const running = run();
    await pass(99);
    expect(group.told).toEqual([]);
    await pass(101);
    expect(group.told).toMatchObject([{ returned: [1, 2], begun: [{ item: 0 }], done: [], ended: [] }]);
    await pass(850);
    expect(await running).toMatchObject({ returned: [], done: [[0, 0, 1_000, 'ok']] });
    expect(begun).toEqual(['slow']);
  });

  test('begins the next as soon as there is room, in their order', async () => {
    const { run, begun } = chunkInHand({ jobs: { a: takes(49), b: takes(49), c: takes(49) }, slots: 1 });
    const running = run();
    await pass(147);
    expect(saidOf([await running])).toEqual({ 0: ['done'], 1: ['done'], 2: ['done'] });
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  test('begins none after half a second, however fast it went until then', async () => {
    const jobs = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`job-${n}`, takes(40)]));
    const { run, begun } = chunkInHand({ jobs, slots: 1 });
    const running = run();
    await pass(600);
    const { done, returned } = await running;
    expect(begun).toHaveLength(13);
    expect(done).toHaveLength(13);
    expect(returned).toEqual([13, 14, 15, 16, 17, 18, 19]);
  });

  test('waits for its turn by its priority', async () => {
    const { run, slots, begun } = chunkInHand({ jobs: { urgent: ok }, slots: 1, priority: 1 });
    const other = slots.tryTake();
    const patient = slots.take({ priority: 2 });
    const running = run();
    await pass(10);
    other?.release();
    expect((await running).done).toHaveLength(1);
    expect(begun).toEqual(['urgent']);
    expect(await patient).toBeDefined();
  });

  test('gives all of them back when there is no room at all', async () => {
    const { run, slots, line } = chunkInHand({ jobs: { a: ok, b: ok }, slots: 1 });
    slots.tryTake();
    const running = run();
    await pass(100);
    expect(await running).toMatchObject({ returned: [0, 1], begun: [], done: [], ended: [] });
    expect(line.tell).not.toHaveBeenCalled();
  });
});

describe('a chunk that goes out a moment before its jobs are due', () => {
  const dueIn = (name: string, item: number, ms: number) => ({ item, args: { name }, dueAt: Date.now() + ms });

  test('begins each at its time', async () => {
    const items = [dueIn('a', 0, 50), dueIn('b', 1, 50), dueIn('c', 2, 200)];
    const { run } = chunkInHand({ jobs: { a: ok, b: ok, c: ok }, input: { items } });
    const running = run();
    await pass(200);
    expect((await running).done).toEqual([
      [0, 50, 0, 'ok'],
      [1, 50, 0, 'ok'],
      [2, 200, 0, 'ok'],
    ]);
  });

  test('holds no slot for those that are not due', async () => {
    const { run, slots } = chunkInHand({ jobs: { a: ok }, slots: 1, input: { items: [dueIn('a', 0, 200)] } });
    const running = run();
    await pass(100);
    expect(slots.hasFree).toBe(true);
    await pass(100);
    await running;
  });

  test('has half a second from the last of these times', async () => {
    const items = [dueIn('a', 0, 0), ...Array.from({ length: 20 }, (_, n) => dueIn('b', n + 1, 200))];
    const { run, begun } = chunkInHand({ jobs: { a: ok, b: takes(40) }, slots: 1, input: { items } });
    const running = run();
    await pass(800);
    expect(saidOf([await running])[20]).toEqual(['returned']);
    expect(begun).toHaveLength(14);
  });

  test.each(['callBack', 'stop'] as const)('gives back at once what is not due yet: %s', async (what) => {
    const items = [dueIn('a', 0, 0), dueIn('b', 1, 200)];
    const world = chunkInHand({ jobs: { a: ok, b: ok }, input: { items } });
    const running = world.run();
    await pass(100);
    world[what]();
    await pass(0);
    expect(saidOf([await running])).toEqual({ 0: ['done'], 1: ['returned'] });
    expect(vi.getTimerCount()).toBe(0);
  });

  test.each([-3_600_000, 3_600_000])('begins each by the server’s clock, which differs by %d ms', async (aheadMs) => {
    const serverNow = Date.now() + aheadMs;
    const items = [
      { item: 0, args: { name: 'a' }, dueAt: serverNow + 100 },
      { item: 1, args: { name: 'b' }, dueAt: serverNow + 200 },
    ];
    const { run, begun } = chunkInHand({ jobs: { a: ok, b: ok }, input: { items }, serverNow });
    const running = run();
    await pass(99);
    expect(begun).toEqual([]);
    await pass(1);
    expect(begun).toEqual(['a']);
    await pass(100);
    expect(saidOf([await running])).toEqual({ 0: ['done'], 1: ['done'] });
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a chunk of a queue that is paused or has a rate limit', () => {
  test('begins the one job that the limit let through', async () => {
    const { run, begun } = chunkInHand({ jobs: { a: ok, b: ok, c: ok }, isPaced: () => true });
    expect(saidOf([await run()])).toEqual({ 0: ['done'], 1: ['returned'], 2: ['returned'] });
    expect(begun).toEqual(['a']);
  });

  test('begins no further job once the limit is set', async () => {
    let isPaced = false;
    const pause = async (): Promise<string> => {
      isPaced = true;
      return 'ok';
    };
    const { run, begun } = chunkInHand({ jobs: { a: ok, pause, b: ok }, isPaced: () => isPaced });
    expect((await run()).returned).toEqual([2]);
    expect(begun).toEqual(['a', 'pause']);
  });

  test('begins none when the limit was set while all of them waited for their time', async () => {
    let isPaced = false;
    const input = {
      items: ['a', 'b'].map((name, item) => ({ item, args: { name }, dueAt: Date.now() + 5_000 })),
    };
    const { run, begun } = chunkInHand({ jobs: { a: ok, b: ok }, input, isPaced: () => isPaced });
    const running = run();
    await pass(1_000);
    isPaced = true;
    await pass(4_000);
    expect((await running).returned).toEqual([0, 1]);
    expect(begun).toEqual([]);
  });
});
