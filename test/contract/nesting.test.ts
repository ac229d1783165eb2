import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import { isDeeperThan, isJsonDeeperThan } from '../../src/contract/nesting.ts';

const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

test.each([
  [0, 'text', false],
  [0, [], true],
  [1, {}, false],
  [1, { a: [] }, true],
  [2, { a: [1, { b: 2 }] }, true],
  [3, { a: [1, { b: 2 }] }, false],
  [1, { 'a"[{': '\\"[[{{' }, false],
])('more than %i levels: %j: %s', (levels, value, isDeeper) => {
  expect(isDeeperThan(levels, value)).toBe(isDeeper);
  expect(isJsonDeeperThan(levels, bytesOf(value))).toBe(isDeeper);
});

test('a value and its JSON are nested equally', () => {
  expect(() =>
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.integer({ min: 0, max: 6 }), (value, levels) => {
        expect(isJsonDeeperThan(levels, bytesOf(value))).toBe(isDeeperThan(levels, value));
      }),
    ),
  ).not.toThrow();
});
