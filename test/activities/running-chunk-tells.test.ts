/** What a chunk tells its group and its worker: nothing is lost, told twice, or larger than Temporal takes. */
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ChunkReport } from '../../src/job/group/chunks.ts';
import { BUDGETS } from '../../src/contract/budgets.ts';
import {
  bytesOf,
  chunkInHand,
  fails,
  ok,
  pass,
  saidOf,
  takes,
  useFakeClock,
  type Work,
} from '../support/chunk-in-hand.ts';

const KIB = 1_024;
/** What Temporal takes as one payload. */
const PAYLOAD_BYTES = 2 * KIB * KIB;
/** Results that are worth a report of their own, and what a report says besides. */
const PART_BYTES = 260 * KIB;

beforeEach(useFakeClock);
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const weighs =
  (kib: number): Work =>
  async () =>
    'x'.repeat(kib * KIB);

function numbered(count: number, work: Work): Record<string, Work> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`job-${n}`, work]));
}

function once(count: number, what: string): Record<number, string[]> {
  return Object.fromEntries(Array.from({ length: count }, (_, item) => [item, [what]]));
}

describe('while other jobs run, the group is told', () => {
  test('of a failure after 100 ms, and not again at the end', async () => {
    const { run, group } = chunkInHand({ jobs: { slow: takes(500), fails } });
    const running = run();
    await pass(99);
    expect(group.told).toEqual([]);
    await pass(1);
    expect(group.told).toMatchObject([{ ended: [{ item: 1, as: 'failed' }], begun: [{ item: 0 }], done: [] }]);
    await pass(400);
    expect(saidOf([await running])).toEqual({ 0: ['done'] });
    expect(group.told).toHaveLength(1);
  });

  test('of a failure while others wait for their time', async () => {
    const items = [
      { item: 0, args: { name: 'fails' } },
      { item: 1, args: { name: 'ok' }, dueAt: Date.now() + 5_000 },
    ];
    const { run, group } = chunkInHand({ jobs: { fails, ok }, input: { items } });
    const running = run();
    await pass(100);
    expect(group.told).toMatchObject([{ ended: [{ item: 0, as: 'failed' }], begun: [] }]);
    await pass(5_000);
    expect(saidOf([await running])).toEqual({ 1: ['done'] });
  });

  test('that jobs are done after half a minute, and not again at the end', async () => {
    const { run, group } = chunkInHand({ jobs: { slow: takes(30_500), a: ok, b: takes(29_900) } });
    const running = run();
    await pass(29_999);
    expect(group.told).toEqual([]);
    await pass(1);
    expect(saidOf(group.told)).toEqual({ 1: ['done'], 2: ['done'] });
    await pass(500);
    expect(saidOf([await running])).toEqual({ 0: ['done'] });
    expect(group.told).toHaveLength(1);
  });

  test('of all that there is at one time', async () => {
    const { run, group } = chunkInHand({ jobs: { slow: takes(500), ok, fails, late: ok }, slots: 3 });
    const later: Work = async () => {
      throw await takes(50)({} as never);
    };
    const other = chunkInHand({ jobs: { slow: takes(500), fails, later } });
    const running = [run(), other.run()];
    await pass(100);
    expect(saidOf(group.told)).toEqual({ 1: ['done'], 2: ['failed'], 3: ['done'] });
    expect(saidOf(other.group.told)).toEqual({ 1: ['failed'], 2: ['failed'] });
    await pass(400);
    await Promise.all(running);
    expect([group.told, other.group.told].flat()).toHaveLength(2);
  });

  test('nothing while there is nothing to tell', async () => {
    const { run, line } = chunkInHand({ jobs: { slow: takes(50_000) } });
    const running = run();
    await pass(50_000);
    await running;
    expect(line.tell).not.toHaveBeenCalled();
  });
});

describe('a group that does not hear', () => {
  test('is told again, until it does', async () => {
    const { run, group } = chunkInHand({ jobs: { slow: takes(2_000), fails } });
    const running = run();
    group.isReachable = false;
    await pass(1_000);
    group.isReachable = true;
    await pass(100);
    expect(saidOf(group.told)).toEqual({ 1: ['failed'] });
    await pass(900);
    expect(saidOf([await running])).toEqual({ 0: ['done'] });
  });

  test('hears of everything at the end', async () => {
    const { run, group, line } = chunkInHand({ jobs: { slow: takes(2_000), fails, b: ok }, slots: 1 });
    group.isReachable = false;
    const running = run();
    await pass(2_000);
    expect(line.tell.mock.calls.length).toBeGreaterThan(1);
    expect(saidOf([await running])).toEqual({ 0: ['done'], 1: ['returned'], 2: ['returned'] });
  });

  test('is told the same again, under the same id, where Temporal did not answer', async () => {
    const { run, line } = chunkInHand({ jobs: { fails, slow: takes(150, 'late'), slower: takes(900) } });
    line.tell.mockResolvedValueOnce(false);
    const running = run();
    await pass(900);
    await running;
    const [[first, id], [again, sameId], [next, nextId]] = line.tell.mock.calls as [Told, Told, Told];
    expect([saidOf([again]), sameId]).toEqual([saidOf([first]), id]);
    expect(saidOf([first])).toEqual({ 0: ['failed'] });
    // The second end came meanwhile: in the first message it would be lost, if Temporal had taken that.
    expect(saidOf([next])).toEqual({ 1: ['done'] });
    expect(nextId).not.toBe(id);
  });

  test('hears of what happened while it was told', async () => {
    const { run, line, group } = chunkInHand({ jobs: { fails, slow: takes(250), slower: takes(900) } });
    line.tell.mockImplementationOnce(async (report) => {
      await takes(500)({} as never);
      group.told.push(report);
      return true;
    });
    const running = run();
    await pass(900);
    expect(saidOf([...group.told, await running])).toEqual({ 0: ['failed'], 1: ['done'], 2: ['done'] });
  });
});

/** A report and its id. */
type Told = [report: ChunkReport, id: string];

describe('results that are large together', () => {
  test('are told in parts while other jobs run', async () => {
    const { run, group } = chunkInHand({ jobs: { slow: takes(1_000), ...numbered(36, weighs(15)) } });
    const running = run();
    await pass(100);
    expect(group.told.length).toBeGreaterThan(1);
    for (const report of group.told) expect(bytesOf(report)).toBeLessThan(PART_BYTES);
    await pass(900);
    expect(saidOf([...group.told, await running])).toEqual(once(37, 'done'));
  });

  test('are told in parts at the end', async () => {
    const { run, group } = chunkInHand({ jobs: numbered(200, weighs(15)) });
    const reports = [await run(), ...group.told];
    expect(saidOf(reports)).toEqual(once(200, 'done'));
    for (const report of reports) expect(bytesOf(report)).toBeLessThan(PART_BYTES);
  });

  test.each([
    ['while other jobs run', { ...numbered(24, weighs(15)), slow: takes(400), late: ok }],
    ['at the end', { ...numbered(24, weighs(15)), large: takes(120, 'x'.repeat(15 * KIB)), late: ok }],
  ])('take along what was given back, but once: %s', async (_when, jobs) => {
    const { run, group } = chunkInHand({ jobs, slots: 1 });
    const running = run();
    await pass(400);
    expect(saidOf([...group.told, await running])).toEqual({ ...once(25, 'done'), 25: ['returned'] });
  });

  test('are left out where each is larger than a history of many has room for', async () => {
    const { run, group } = chunkInHand({ jobs: { a: weighs(15), b: weighs(16), c: ok } });
    const reports = [await run(), ...group.told];
    expect(saidOf(reports)).toEqual({ 0: ['done'], 1: ['done'], 2: ['done'] });
    expect(reports[0]?.ended).toMatchObject([{ item: 1, report: { result: null, note: expect.any(String) } }]);
  });

  test('are not too large for the end because the group did not hear of a part', async () => {
    const { run, group, line } = chunkInHand({ jobs: numbered(192, weighs(15)) });
    for (let part = 0; part < 11; part += 1) line.tell.mockResolvedValueOnce(false);
    const running = run();
    await pass(60_000);
    const reports = [...group.told, await running];
    expect(saidOf(reports)).toEqual(once(192, 'done'));
    for (const report of reports) expect(bytesOf(report)).toBeLessThan(PAYLOAD_BYTES);
  });
});

describe('what one job has to say', () => {
  const tooMuch = 'x'.repeat(PAYLOAD_BYTES);

  test.each<[string, Work]>([
    [
      'the message of its failure',
      async () => {
        throw new Error(tooMuch);
      },
    ],
    [
      'its checkpoint',
      async (attempt) => {
        attempt.progress(1, 2, tooMuch);
        throw new Error('no luck');
      },
    ],
    [
      'all that it may say at once',
      async (attempt) => {
        attempt.progress(1, 2, 'x'.repeat(BUDGETS.checkpointInGroup - 2));
        return 'x'.repeat(BUDGETS.resultInGroup - 2);
      },
    ],
  ])('is never too much for its chunk: %s', async (_what, work) => {
    const { run, group } = chunkInHand({ jobs: { a: ok, tooMuch: work, b: ok } });
    const reports = [await run(), ...group.told];
    expect(saidOf(reports)).toEqual({ 0: ['done'], 1: [expect.any(String)], 2: ['done'] });
    for (const report of reports) expect(bytesOf(report)).toBeLessThan(PAYLOAD_BYTES);
  });
});

describe('its worker', () => {
  test('knows at every moment which jobs run, how far they are, and how the others ended', async () => {
    const slow: Work = async (attempt) => {
      await takes(10)(attempt);
      attempt.progress(1, 2);
      return takes(10)(attempt);
    };
    const { run, chunk } = chunkInHand({ jobs: { slow, fails, ok } });
    expect(chunk.report).toMatchObject({ begun: [], done: [], ended: [], returned: [] });
    const running = run();
    await pass(10);
    expect(chunk.report).toMatchObject({ begun: [{ item: 0, progress: { done: 1, total: 2 } }] });
    expect(saidOf([chunk.report])).toEqual({ 1: ['failed'], 2: ['done'] });
    await pass(10);
    await running;
  });

  test('keeps large results to itself, which go to the group at once', async () => {
    const { run, chunk } = chunkInHand({ jobs: { slow: takes(1_000), ...numbered(20, weighs(15)) } });
    const running = run();
    await pass(0);
    expect(chunk.report).toMatchObject({ begun: [{ item: 0 }], done: [] });
    await pass(1_000);
    await running;
  });
});

interface Script {
  readonly jobs: readonly { readonly ms: number; readonly how: 'done' | 'fails' | 'saves'; readonly kib: number }[];
  readonly slots: number;
  readonly hears: readonly boolean[];
  readonly at: { readonly stop?: number; readonly callBack?: number; readonly graceIsOver?: number };
  readonly abort: readonly number[];
}

const script: fc.Arbitrary<Script> = fc.record({
  jobs: fc.array(
    fc.record({
      ms: fc.constantFrom(0, 0, 1, 40, 60, 300, 1_500),
      how: fc.constantFrom('done', 'done', 'fails', 'saves'),
      kib: fc.constantFrom(0, 0, 0, 10, 15),
    }),
    { maxLength: 12 },
  ),
  slots: fc.integer({ min: 1, max: 6 }),
  hears: fc.array(fc.boolean(), { maxLength: 6 }),
  at: fc.record({ stop: fc.nat(400), callBack: fc.nat(400), graceIsOver: fc.nat(2_000) }, { requiredKeys: [] }),
  abort: fc.array(fc.nat(11), { maxLength: 3 }),
});

function workOf({ ms, how, kib }: Script['jobs'][number]): Work {
  return async (attempt) => {
    if (how === 'saves') attempt.progress(1, 2, { at: 1 });
    if (ms > 0)
      await new Promise((resolve, reject) => {
        setTimeout(resolve, ms);
        attempt.signal.addEventListener('abort', () => reject(new Error('stopped')));
      });
    if (how === 'fails') throw new Error('no luck');
    return 'x'.repeat(kib * KIB);
  };
}

test('whatever happens, each job is told of once, no report is too large, and no slot stays taken', async () => {
  await fc.assert(
    fc.asyncProperty(script, async ({ jobs, slots: limit, hears, at, abort }) => {
      const named = Object.fromEntries(jobs.map((job, n) => [`job-${n}`, workOf(job)]));
      const world = chunkInHand({ jobs: named, slots: limit });
      for (const heard of hears) if (!heard) world.line.tell.mockResolvedValueOnce(false);
      world.group.cancellations = { abort };
      const timers = Object.entries(at).map(([what, ms]) => setTimeout(world[what as keyof typeof at], ms));
      const ended: ChunkReport[] = [];
      const running = world.run().then((report) => ended.push(report));
      await pass(30_000);
      expect(ended).toHaveLength(1);
      await running;
      for (const timer of timers) clearTimeout(timer);
      const reports = [...world.group.told, ...ended];
      const said = saidOf(reports);
      expect(Object.values(said).map(({ length }) => length)).toEqual(jobs.map(() => 1));
      for (const report of reports) expect(bytesOf(report)).toBeLessThan(PAYLOAD_BYTES);
      expect(Array.from({ length: limit }, () => world.slots.tryTake())).not.toContain(undefined);
      expect(vi.getTimerCount()).toBe(0);
    }),
    { numRuns: 150 },
  );
});
