import { ReadableStream } from 'node:stream/web';
import { array, assert, asyncProperty, constantFrom, nat } from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { readLines, type Line } from '../../src/web/bulk/read-lines.ts';
import { startBulk } from '../../src/web/bulk/start-bulk.ts';

const limits = { lines: 1_000, lineBytes: 10, bodyBytes: 1_000 };

async function read(chunks: readonly Uint8Array[], options = limits): Promise<Line[]> {
  return (await Array.fromAsync(readLines(chunks, options))).flat();
}

/** As a reader of the whole body would tell them apart. */
function expected(body: Buffer): object[] {
  const lines = body.toString('latin1').split('\n');
  return lines.flatMap((line, index): object[] => {
    const bytes = Buffer.from(line, 'latin1');
    if (bytes.length > limits.lineBytes) return [{ number: index + 1, bytes: bytes.length, refused: true }];
    return /\S/.test(bytes.toString()) ? [{ number: index + 1, bytes: bytes.length, text: bytes.toString() }] : [];
  });
}

describe('lines', () => {
  test('are the same however the body is cut into chunks', async () => {
    const piece = constantFrom('a', 'é', '👩', '\n', '\r\n', ' ', '{"a":1}', '\n\n', 'long long long');
    const property = asyncProperty(array(piece), array(nat(8)), async (pieces, cuts) => {
      const body = Buffer.from(pieces.join(''));
      const chunks: Buffer[] = [];
      let from = 0;
      for (const size of cuts) {
        chunks.push(body.subarray(from, from + size));
        from += size;
      }
      chunks.push(body.subarray(from));
      const lines = (await read(chunks)).map((line) => ('problem' in line ? refused(line) : line));
      expect(lines).toEqual(expected(body));
    });
    await assert(property, { numRuns: 1_000 });
  });

  function refused({ number, bytes }: Line): object {
    return { number, bytes, refused: true };
  }

  test('that came in together come together', async () => {
    const encoder = new TextEncoder();
    const chunks = ['a\nb\nc', 'd\ne'].map((text) => encoder.encode(text));
    const batches = await Array.fromAsync(readLines(chunks, limits));
    expect(batches.map((batch) => batch.map((line) => ('text' in line ? line.text : '')))).toEqual([
      ['a', 'b'],
      ['cd'],
      ['e'],
    ]);
  });

  test('of a body of exactly the limit are all read, of one byte more they end with a refusal', async () => {
    const body = Buffer.from('12345678\n1234567\n');
    expect(await read([body], { ...limits, bodyBytes: body.length })).toHaveLength(2);
    const lines = await read([body], { ...limits, bodyBytes: body.length - 1 });
    expect(lines.map((line) => ('problem' in line ? [line.number, line.problem.kind] : line.number))).toEqual([
      1,
      [2, 'body-too-large'],
    ]);
  });

  test.each([
    ['3\n4\n5', [3, 4, 'body-too-large at 5']],
    ['3\n4\n\n', [3, 4]],
    ['3\n4\n\n6\n', [3, 4, 'body-too-large at 5']],
    ['\n\n\n', []],
    ['3\n4', [3, 4]],
  ])('of %j after two others are read up to the limit of four, blank ones included', async (rest, expectedLines) => {
    const lines = await read([Buffer.from('1\n2\n'), Buffer.from(rest)], { ...limits, lines: 4 });
    expect(
      lines.slice(2).map((line) => ('problem' in line ? `${line.problem.kind} at ${line.number}` : line.number)),
    ).toEqual(expectedLines);
  });
});

/** Slices that the test answers by hand. */
function startedByHand() {
  const answer: ((text: string) => void)[] = [];
  const slices: number[][] = [];
  return {
    slices,
    answer,
    start: (lines: readonly Line[]): Promise<string> => {
      const { promise, resolve } = Promise.withResolvers<string>();
      slices.push(lines.map(({ number }) => number));
      answer.push(resolve);
      return promise;
    },
  };
}

/** Lines that the test sends by hand, and what has been answered to them. */
function setup(gone = new AbortController()) {
  let controller!: ReadableStreamDefaultController<readonly Line[]>;
  const lines = new ReadableStream<readonly Line[]>({ start: (opened) => void (controller = opened) });
  const byHand = startedByHand();
  const enough = new AbortController();
  const answered: string[] = [];
  let sent = 0;
  const answers = startBulk(lines.values(), byHand.start, { gone: gone.signal, enough: enough.signal });
  /** The first line that was not started. */
  const over = (async () => {
    for (let next = await answers.next(); ; next = await answers.next()) {
      if (next.done === true) return next.value?.number;
      answered.push(next.value);
    }
  })();
  return {
    ...byHand,
    answered,
    over,
    gone,
    enough,
    end: () => controller.close(),
    send(count: number, bytes = 10) {
      const batch = Array.from({ length: count }, () => ({ number: (sent += 1), bytes, text: '{}' }));
      controller.enqueue(batch);
    },
  };
}

describe('slices', () => {
  test('are small while lines trickle, and full once two are under way', async () => {
    const world = setup();
    world.send(3);
    await vi.waitFor(() => expect(world.slices).toEqual([[1, 2, 3]]));
    world.send(1);
    await vi.waitFor(() => expect(world.slices).toHaveLength(2));
    for (let batch = 0; batch < 30; batch += 1) world.send(100);
    world.end();
    world.answer[0]?.('first');
    await vi.waitFor(() => expect(world.slices).toHaveLength(3));
    expect(world.slices[2]).toHaveLength(2_000);
    expect(world.slices[2]?.[0]).toBe(5);
    for (let slice = 1; slice < 4; slice += 1) {
      await vi.waitFor(() => expect(world.answer[slice]).toBeDefined());
      world.answer[slice]?.(`answer ${slice}`);
    }
    await world.over;
    expect(world.slices.map(({ length }) => length)).toEqual([3, 1, 2_000, 1_000]);
    expect(world.slices.flat()).toEqual(Array.from({ length: 3_004 }, (_, index) => index + 1));
  });

  test('are answered in their order, also when a later one is done first', async () => {
    const world = setup();
    world.send(1);
    await vi.waitFor(() => expect(world.slices).toHaveLength(1));
    world.send(1);
    await vi.waitFor(() => expect(world.slices).toHaveLength(2));
    world.end();
    world.answer[1]?.('second');
    world.answer[0]?.('first');
    await world.over;
    expect(world.answered).toEqual(['first', 'second']);
  });

  test('are as light as they can be, where lines are long', async () => {
    const world = setup();
    world.send(5, 1_500_000);
    await vi.waitFor(() =>
      expect(world.slices).toEqual([
        [1, 2],
        [3, 4],
      ]),
    );
    world.end();
    world.answer[0]?.('');
    await vi.waitFor(() => expect(world.slices).toEqual([[1, 2], [3, 4], [5]]));
    for (const answer of world.answer) answer('');
    await world.over;
  });

  test('are no longer started once the caller has gone, and those under way are not waited for', async () => {
    const world = setup();
    world.send(5_000);
    await vi.waitFor(() => expect(world.slices).toHaveLength(2));
    world.gone.abort();
    world.answer[0]?.('first');
    await world.over;
    expect(world.slices).toHaveLength(2);
  });

  test('are no longer started once there is enough, but those under way are answered', async () => {
    const world = setup();
    world.send(5_000);
    await vi.waitFor(() => expect(world.slices).toHaveLength(2));
    world.enough.abort();
    world.answer[0]?.('first');
    world.answer[1]?.('second');
    expect(await world.over).toBe(4_001);
    expect(world.answered).toEqual(['first', 'second']);
    expect(world.slices).toHaveLength(2);
  });

  test('that come when there was enough are named, if any come', async () => {
    const ends: [string, (world: ReturnType<typeof setup>) => void, number | undefined][] = [
      ['more', (world) => world.send(1), 11],
      ['none', (world) => world.end(), undefined],
    ];
    for (const [what, go, first] of ends) {
      const world = setup();
      world.send(10);
      await vi.waitFor(() => expect(world.slices).toHaveLength(1));
      world.enough.abort();
      world.answer[0]?.('first');
      await vi.waitFor(() => expect(world.answered).toEqual(['first']));
      go(world);
      expect(await world.over, what).toBe(first);
    }
  });

  test('leave a turn to everybody else in between, though all lines are there and each slice is answered at once', async () => {
    using loop = countTurns();
    const slices = startBulk(inBatches(20_000), async (slice) => slice.length, { gone: never, enough: never });
    expect(await Array.fromAsync(slices)).toHaveLength(10);
    expect(loop.turns()).toBeGreaterThanOrEqual(9);
  });

  test('of few lines start within one turn, so that their jobs travel together', async () => {
    using loop = countTurns();
    const startedAt: number[] = [];
    const start = async (): Promise<void> => void startedAt.push(loop.turns());
    for await (const _ of startBulk(inBatches(11, 1), start, { gone: never, enough: never }));
    expect(startedAt).toEqual([startedAt[0], startedAt[0]]);
  });
});

const never = new AbortController().signal;

/** Lines in batches of these sizes, all there from the beginning. */
async function* inBatches(...sizes: readonly number[]): AsyncGenerator<readonly Line[]> {
  for (const size of sizes)
    yield Array.from({ length: size }, (_, index) => ({ number: index + 1, bytes: 10, text: '1' }));
}

/** Counts the turns of the event loop. */
function countTurns(): Disposable & { readonly turns: () => number } {
  let turns = 0;
  let turn = setImmediate(function count() {
    turns += 1;
    turn = setImmediate(count);
  });
  return { turns: () => turns, [Symbol.dispose]: () => clearImmediate(turn) };
}
