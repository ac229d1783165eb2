import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { BUDGETS } from '../../src/contract/budgets.ts';
import { jsonBytes } from '../../src/contract/clip.ts';
import { plainProgress, plainResult } from '../../src/runner/plain-values.ts';
import { expectPlain } from '../support/plain.ts';

const LIMIT = 16 * 1_024;

const cyclic: { self?: unknown } = {};
cyclic.self = cyclic;

const throwing = {
  get no(): never {
    throw new Error('no such column');
  },
};

const nested = (levels: number): unknown => {
  let value: unknown = 'core';
  for (let level = 0; level < levels; level += 1) value = [value];
  return value;
};

const closedProxy = Proxy.revocable({}, {});
closedProxy.revoke();

/** What a handler may return or save, and no JSON keeps; with a word of why. */
const UNKEPT: readonly (readonly [string, unknown, string])[] = [
  ['a bigint', 10n, 'BigInt'],
  ['a bigint column', { id: 10n }, 'BigInt'],
  ['a cycle', cyclic, 'circular'],
  ['a getter that throws', throwing, 'no such column'],
  [
    'a toJSON that throws',
    {
      toJSON() {
        throw new Error('not now');
      },
    },
    'not now',
  ],
  [
    'a toJSON that throws nothing',
    {
      toJSON() {
        throw null;
      },
    },
    'throws when it is read',
  ],
  ['a function', () => 1, 'it is a function'],
  ['a symbol', Symbol('x'), 'it is a symbol'],
  ['a toJSON that gives nothing', { toJSON: () => undefined }, 'no JSON'],
  ['a proxy that is closed', closedProxy.proxy, 'revoked'],
  ['more than there is room for', 'x'.repeat(LIMIT), `has ${LIMIT + 2} bytes`],
  ['more than there is room for, in letters of several bytes', '€'.repeat(LIMIT / 2), 'bytes as JSON'],
  ['what is nested too deep', nested(501), 'levels deep'],
  ['what is nested so deep that nothing can read it', nested(100_000), 'call stack'],
];

/** What is kept, and as what. */
const KEPT: readonly (readonly [string, unknown, unknown])[] = [
  ['a text', 'done', 'done'],
  ['null', null, null],
  ['no number', Number.NaN, null],
  ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
  ['a map, as JSON has it', new Map([[1, 2]]), {}],
  ['functions and undefined within', { a: 1, b: undefined, c: () => 1, d: [undefined] }, { a: 1, d: [null] }],
  ['half an emoji', { '\ud83d': ['a\ude00b', '😀'] }, { '\ufffd': ['a\ufffdb', '😀'] }],
  ['a text that only looks like half an emoji', String.raw`\ud83d \\ud83d`, String.raw`\ud83d \\ud83d`],
  ['as much as there is room for', 'x'.repeat(LIMIT - 2), 'x'.repeat(LIMIT - 2)],
  ['what is nested as deep as may be', nested(500), nested(500)],
  ['brackets that are text', `"${'['.repeat(2_000)}\\`, `"${'['.repeat(2_000)}\\`],
  ['an error', new Error('x'), {}],
];

describe('a result', () => {
  test.each(UNKEPT)('that is %s is left out, with a note, and the job is done', (_what, value, why) => {
    const end = plainResult(value, LIMIT);
    expect(end).toEqual({ as: 'done', result: null, note: expect.stringContaining(why) });
    expect(end.note).toMatch(/^the result was left out: it (is|has) /);
    expectPlain(end);
  });

  test.each(KEPT)('%s is kept', (_what, value, kept) => {
    const end = plainResult(value, LIMIT);
    expect(end).toEqual({ as: 'done', result: kept });
    expectPlain(end);
  });

  test('that is missing is no loss', () => {
    expect(plainResult(undefined, LIMIT)).toEqual({ as: 'done', result: null });
  });

  test('is a copy', () => {
    const row = { id: 1, tags: ['a'] };
    const end = plainResult(row, LIMIT);
    row.tags.push('b');
    row.id = 2;
    expect(end.result).toEqual({ id: 1, tags: ['a'] });
  });

  test('is read once', () => {
    const count = vi.fn<() => number>(() => 1);
    plainResult({ toJSON: () => ({ a: count() }) }, LIMIT);
    plainResult(Object.defineProperty({}, 'a', { enumerable: true, get: count }), LIMIT);
    expect(count).toHaveBeenCalledTimes(2);
  });

  test('is made by the JSON of the start, whatever the application makes of it', () => {
    const stringify = vi.spyOn(JSON, 'stringify').mockReturnValue('"theirs"');
    const parse = vi.spyOn(JSON, 'parse').mockReturnValue('theirs');
    try {
      expect(plainResult({ a: 1 }, LIMIT)).toEqual({ as: 'done', result: { a: 1 } });
    } finally {
      stringify.mockRestore();
      parse.mockRestore();
    }
  });

  test('of any kind is plain, and within its budget', () => {
    const anything = fc.anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
      key: fc.string({ unit: fc.integer({ min: 0, max: 0xff_ff }).map((code) => String.fromCharCode(code)) }),
      values: [
        fc.string({ unit: fc.integer({ min: 0, max: 0xff_ff }).map((code) => String.fromCharCode(code)) }),
        fc.double(),
        fc.constant(cyclic),
        fc.constant(throwing),
      ],
    });
    fc.assert(
      fc.property(anything, fc.integer({ min: 2, max: 500 }), (value, limit) => {
        const end = plainResult(value, limit);
        expectPlain(end);
        expect(jsonBytes(end.result)).toBeLessThanOrEqual(Math.max(limit, 'null'.length));
        expect(jsonBytes(end)).toBeLessThanOrEqual(limit + BUDGETS.note + BUDGETS.frame);
      }),
      { numRuns: 500 },
    );
  });
});

describe('progress', () => {
  test('is two numbers, and a checkpoint as JSON if there is one', () => {
    expect(plainProgress(1, 2.5)).toEqual({ done: 1, total: 2.5 });
    expect(plainProgress(0, 0, undefined)).toEqual({ done: 0, total: 0 });
    expect(plainProgress(1, 2, { row: 7 })).toEqual({ done: 1, total: 2, checkpointJson: '{"row":7}' });
    expect(plainProgress(1, 2, null)).toEqual({ done: 1, total: 2, checkpointJson: 'null' });
    expect(plainProgress(1, 2, 'a\ud83d')).toEqual({ done: 1, total: 2, checkpointJson: '"a\ufffd"' });
  });

  test.each([Number.NaN, Infinity, -Infinity, 10n, '1', null, undefined, {}, Symbol('x')])(
    '%s is refused at the handler’s own line',
    (value) => {
      expect(() => plainProgress(value, 1)).toThrow(TypeError);
      expect(() => plainProgress(1, value)).toThrow('progress takes two finite numbers');
    },
  );

  test.each(UNKEPT)('a checkpoint that is %s is refused at the handler’s own line', (_what, value, why) => {
    expect(() => plainProgress(1, 2, value, LIMIT)).toThrow(TypeError);
    expect(() => plainProgress(1, 2, value, LIMIT)).toThrow(why);
  });

  test('has room for the checkpoint of a kind that travels alone, unless it says otherwise', () => {
    expect(plainProgress(1, 2, 'x'.repeat(BUDGETS.checkpoint - 2)).checkpointJson).toHaveLength(BUDGETS.checkpoint);
    expect(() => plainProgress(1, 2, 'x'.repeat(BUDGETS.checkpoint - 1))).toThrow(
      `the checkpoint has ${BUDGETS.checkpoint + 1} bytes as JSON, and ${BUDGETS.checkpoint} are possible`,
    );
  });

  test('saves the checkpoint as it is now', () => {
    const seen = { rows: [1] };
    const progress = plainProgress(1, 2, seen);
    seen.rows.push(2);
    expect(progress.checkpointJson).toBe('{"rows":[1]}');
  });
});
