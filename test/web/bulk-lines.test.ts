import { ReadableStream } from 'node:stream/web';
import { array, assert, asyncProperty, constantFrom, nat } from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { readLines, type Line } from '../../src/web/bulk/read-lines.ts';
import { startBulk } from '../../src/web/bulk/start-bulk.ts';

const limits = { lineBytes: 10, bodyBytes: 1_000 };

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
    expect(await read([body], { lineBytes: 10, bodyBytes: body.length })).toHaveLength(2);
    const lines = await read([body], { lineBytes: 10, bodyBytes: body.length - 1 });
    expect(lines.map((line) => ('problem' in line ? [line.number, line.problem.kind] : line.number))).toEqual([
      1,
      [2, 'body-too-large'],
    ]);
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
  const answered: string[] = [];
  let sent = 0;
  const over = (async () => {
    for await (const text of startBulk(lines.values(), byHand.start, gone.signal)) answered.push(text);
  })();
  return {
    ...byHand,
    answered,
    over,
    gone,
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
});
