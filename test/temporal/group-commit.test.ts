/** Who travels with whom: no job waits for a timer, none is acknowledged before its start is, and no start is too large. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { BUDGETS } from '../../src/contract/budgets.ts';
import { recordFromInput } from '../../src/job/job-record.ts';
import { viewJob } from '../../src/job/job-view.ts';
import { LIMITS } from '../../src/contract/limits.ts';
import { GroupCommit } from '../../src/temporal/start/group-commit.ts';
import type { StartedJob } from '../../src/temporal/jobs.ts';
import type { GroupedJob } from '../../src/temporal/start/start-group.ts';
import { asked } from '../support/kinds.ts';

// How long a start may hold others up is a matter of its own.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

interface Options {
  readonly bytes?: number;
  readonly queue?: string;
  readonly priority?: number;
}

function job(name: string, { bytes = 50, queue = 'default', priority }: Options = {}): GroupedJob {
  const input = { args: { name } };
  return {
    kind: 'NameWorkflow',
    queue,
    priority,
    input,
    options: asked().options,
    dueAt: 0,
    askedAt: 0,
    cameAt: 0,
    bytes,
    requestKey: undefined,
  };
}

function nameOf({ input }: GroupedJob): string {
  const { name } = input.args;
  return typeof name === 'string' ? name : expect.fail('not a job of this test');
}

function startedAs(name: string): StartedJob {
  return { job: viewJob(recordFromInput(name, 'NameWorkflow', 0, { args: { name } })), created: true };
}

/** A start on its way to Temporal. */
interface Start {
  readonly by: 'one' | 'many';
  readonly names: readonly string[];
  /** Temporal has it. */
  answer(): void;
  answerWith(started: readonly StartedJob[]): void;
  fail(error: Error): void;
}

function setup() {
  const starts: Start[] = [];
  const start = async (by: Start['by'], jobs: readonly GroupedJob[]): Promise<readonly StartedJob[]> => {
    const names = jobs.map(nameOf);
    const { promise, resolve, reject } = Promise.withResolvers<readonly StartedJob[]>();
    starts.push({ by, names, answer: () => resolve(names.map(startedAs)), answerWith: resolve, fail: reject });
    return promise;
  };
  const groupCommit = new GroupCommit({
    async one(only) {
      const [started] = await start('one', [only]);
      return started ?? expect.fail('a single start is answered with one job');
    },
    many: (jobs) => start('many', jobs),
  });
  const acknowledged: string[] = [];
  const enqueue = async (name: string, options?: Options): Promise<string> => {
    const { job: view } = await groupCommit.enqueue(job(name, options));
    acknowledged.push(view.id);
    return view.id;
  };
  return { starts, enqueue, acknowledged, names: () => starts.map(({ names }) => names) };
}

const numbered = (count: number, prefix = 'job'): string[] => Array.from({ length: count }, (_, n) => `${prefix}-${n}`);
const sizes = (starts: readonly Start[]): number[] => starts.map(({ names }) => names.length);

/** Until all that can happen by itself has happened. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await nextTurn();
}

/** A start on its way, so that what comes next is gathered. */
async function busy({ enqueue, starts }: ReturnType<typeof setup>, options?: Options): Promise<Start> {
  void enqueue('first', options).catch(() => undefined);
  await settled();
  return starts.at(-1) ?? expect.fail('a start should be in flight');
}

test('the first job goes at once, alone and as its own kind', async () => {
  const { enqueue, starts } = setup();
  void enqueue('lone');
  await settled();
  expect(starts).toMatchObject([{ by: 'one', names: ['lone'] }]);
});

test('jobs that are enqueued in one turn of the event loop go together', async () => {
  const { enqueue, names } = setup();
  for (const name of ['a', 'b', 'c']) void enqueue(name);
  await settled();
  expect(names()).toEqual([['a', 'b', 'c']]);
});

test('one start is in flight, and what arrives meanwhile shares the next one, in its order', async () => {
  const world = setup();
  const first = await busy(world);
  for (const name of ['a', 'b', 'c']) {
    void world.enqueue(name);
    await settled();
  }
  expect(world.names()).toEqual([['first']]);
  first.answer();
  await settled();
  expect(world.names()).toEqual([['first'], ['a', 'b', 'c']]);
  expect(world.starts.at(-1)?.by).toBe('many');
});

test('a start that is not answered holds the others up for a tenth of a second, and no longer', async () => {
  const world = setup();
  await busy(world);
  const waiting = world.enqueue('waiting');
  await vi.advanceTimersByTimeAsync(99);
  await settled();
  expect(world.names()).toEqual([['first']]);
  await vi.advanceTimersByTimeAsync(1);
  await settled();
  expect(world.names()).toEqual([['first'], ['waiting']]);
  world.starts[1]?.answer();
  expect(await waiting).toBe('waiting');
  expect(world.acknowledged).toEqual(['waiting']);
});

test('a lone caller never waits for another', async () => {
  const { enqueue, starts } = setup();
  for (const name of ['a', 'b', 'c']) {
    const enqueued = enqueue(name);
    await settled();
    expect(starts.at(-1)).toMatchObject({ by: 'one', names: [name] });
    starts.at(-1)?.answer();
    expect(await enqueued).toBe(name);
  }
});

test('nobody is acknowledged before the start that the job went with', async () => {
  const world = setup();
  const first = await busy(world);
  void world.enqueue('second');
  first.answer();
  await settled();
  expect(world.acknowledged).toEqual(['first']);
  world.starts.at(-1)?.answer();
  await settled();
  expect(world.acknowledged).toEqual(['first', 'second']);
});

test('each caller gets the job that it asked for', async () => {
  const { enqueue, starts } = setup();
  const names = numbered(20);
  const enqueued = names.map((name) => enqueue(name));
  await settled();
  starts[0]?.answer();
  expect(await Promise.all(enqueued)).toEqual(names);
});

test('500 jobs fit into one start, and the 501st is the next', async () => {
  const { enqueue, starts } = setup();
  const enqueued = numbered(LIMITS.groupItems + 1).map((name) => enqueue(name));
  await settled();
  starts[0]?.answer();
  await settled();
  expect(sizes(starts)).toEqual([LIMITS.groupItems, 1]);
  expect(starts[1]).toMatchObject({ by: 'one', names: [`job-${LIMITS.groupItems}`] });
  starts[1]?.answer();
  await expect(Promise.all(enqueued)).resolves.toHaveLength(LIMITS.groupItems + 1);
});

test('jobs share a start as long as they weigh no more than a group may', async () => {
  const { enqueue, names, starts } = setup();
  const quarter = BUDGETS.groupArguments / 4;
  for (const name of numbered(5)) void enqueue(name, { bytes: quarter });
  await settled();
  starts[0]?.answer();
  await settled();
  expect(names()).toEqual([numbered(4), ['job-4']]);
});

test('a job that is heavier than a group may be goes alone, wherever it stands', async () => {
  const world = setup();
  const first = await busy(world);
  const heavy = BUDGETS.groupArguments + 1;
  void world.enqueue('a');
  void world.enqueue('heavy', { bytes: heavy });
  void world.enqueue('b');
  void world.enqueue('c');
  first.answer();
  for (const next of [1, 2]) {
    await settled();
    world.starts[next]?.answer();
  }
  await settled();
  expect(world.names().slice(1)).toEqual([['a'], ['heavy'], ['b', 'c']]);
  expect(world.starts[2]?.by).toBe('one');
});

test('a start that fails rejects exactly the jobs that went with it', async () => {
  const world = setup();
  const first = await busy(world);
  const outcomes = Promise.allSettled(['a', 'b'].map((name) => world.enqueue(name)));
  first.answer();
  await settled();
  const next = world.enqueue('next');
  world.starts[1]?.fail(new Error('Temporal does not answer'));
  await settled();
  world.starts[2]?.answer();
  expect(await outcomes).toMatchObject([
    { status: 'rejected', reason: { message: 'Temporal does not answer' } },
    { status: 'rejected', reason: { message: 'Temporal does not answer' } },
  ]);
  expect(await next).toBe('next');
  expect(world.acknowledged).toEqual(['first', 'next']);
});

test('what waits goes on after a start that failed', async () => {
  const world = setup();
  const first = await busy(world);
  const waiting = world.enqueue('waiting');
  first.fail(new Error('Temporal does not answer'));
  await settled();
  world.starts[1]?.answer();
  expect(await waiting).toBe('waiting');
});

test('a job that a start says nothing of is not acknowledged', async () => {
  const { enqueue, starts } = setup();
  const outcomes = Promise.allSettled(['a', 'b'].map((name) => enqueue(name)));
  await settled();
  starts[0]?.answerWith([startedAs('a')]);
  expect(await outcomes).toMatchObject([{ status: 'fulfilled', value: 'a' }, { status: 'rejected' }]);
});

test.each([
  ['queue', { queue: 'mail' }],
  ['priority', { priority: 1 }],
])('a job of another %s neither waits for these nor travels with them', async (_what, other) => {
  const world = setup();
  await busy(world);
  void world.enqueue('waits');
  void world.enqueue('other', other);
  void world.enqueue('another', other);
  await settled();
  expect(world.names()).toEqual([['first'], ['other', 'another']]);
});

test('a group has one queue and one priority, whatever came together', async () => {
  const { enqueue, names } = setup();
  for (const queue of ['default', 'mail'])
    for (const priority of [undefined, 1, 5])
      for (const n of [1, 2]) void enqueue(`${queue} ${priority} ${n}`, { queue, ...(priority && { priority }) });
  await settled();
  expect(names()).toHaveLength(6);
  for (const group of names()) expect(new Set(group.map((name) => name.slice(0, -2))).size).toBe(1);
});

/** The map that gets an entry for this queue; its owner shows it to nobody. */
function mapThatKnows(queue: string): () => ReadonlyMap<unknown, unknown> {
  const set = vi.spyOn(Map.prototype, 'set');
  onTestFinished(() => set.mockRestore());
  return () => {
    const call = set.mock.calls.findIndex(([key]) => typeof key === 'string' && key.includes(queue));
    return (set.mock.contexts[call] as Map<unknown, unknown> | undefined) ?? expect.fail(`no map knows ${queue}`);
  };
}

test('nothing is kept of a queue once its jobs are started', async () => {
  const world = setup();
  const queues = mapThatKnows('a-queue-of-this-test');
  const options = { queue: 'a-queue-of-this-test' };
  const first = await busy(world, options);
  void world.enqueue('second', options).catch(() => undefined);
  await settled();
  first.answer();
  await settled();
  expect(queues().size).toBe(1);
  world.starts[1]?.fail(new Error('Temporal does not answer'));
  await settled();
  expect(queues().size).toBe(0);
});

type Step = { readonly enqueue: number } | { readonly answer: number } | { readonly fail: number };

test('whatever the order, every job is started once, no start is too large, and one at most is in flight', async () => {
  const steps = fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.record({ enqueue: fc.integer({ min: 1, max: BUDGETS.groupArguments }) }) },
      { weight: 2, arbitrary: fc.record({ answer: fc.nat(1) }) },
      { weight: 1, arbitrary: fc.record({ fail: fc.nat(1) }) },
    ) satisfies fc.Arbitrary<Step>,
    { maxLength: 60 },
  );
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const { enqueue, starts } = setup();
      const bytes = new Map<string, number>();
      const outcomes: Promise<string>[] = [];
      const inFlight = new Set<Start>();
      const over = new Set<Start>();
      const end = (n: number, how: (start: Start) => void): void => {
        const start = [...inFlight].at(n % (inFlight.size || 1));
        if (!start) return;
        over.add(start);
        how(start);
      };
      const look = async (): Promise<void> => {
        await settled();
        inFlight.clear();
        for (const start of starts) if (!over.has(start)) inFlight.add(start);
        expect(inFlight.size).toBeLessThanOrEqual(1);
        const waiting = bytes.size - starts.reduce((sum, { names }) => sum + names.length, 0);
        // Nobody waits for nothing.
        if (waiting > 0) expect(inFlight.size).toBe(1);
      };
      for (const step of all) {
        if ('enqueue' in step) {
          const name = `job-${bytes.size}`;
          bytes.set(name, step.enqueue);
          outcomes.push(enqueue(name, { bytes: step.enqueue }).catch(() => 'rejected'));
        } else if ('answer' in step) end(step.answer, (start) => start.answer());
        else end(step.fail, (start) => start.fail(new Error('no luck')));
        await look();
      }
      while (inFlight.size > 0) {
        end(0, (start) => start.answer());
        await look();
      }
      await Promise.all(outcomes);
      expect(starts.flatMap(({ names }) => names)).toEqual([...bytes.keys()]);
      for (const { names } of starts)
        if (names.length > 1)
          expect(names.reduce((sum, name) => sum + (bytes.get(name) ?? 0), 0)).toBeLessThanOrEqual(
            BUDGETS.groupArguments,
          );
    }),
    { numRuns: 100 },
  );
});
