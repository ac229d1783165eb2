/** However a stream of bytes is cut up, its lines arrive whole. */
import * as fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';
import { lines } from '../../src/runner/lines.ts';

function heard(pieces: readonly Buffer[]): string[] {
  const all: string[] = [];
  const hear = lines((line) => void all.push(line));
  for (const piece of pieces) hear(piece);
  return all;
}

test('lines arrive as they were sent, also where a character is cut in two', () => {
  const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', ' '));
  const cuts = fc.array(fc.nat({ max: 400 }));
  fc.assert(
    fc.property(fc.array(line), cuts, (sent, at) => {
      const bytes = Buffer.from(sent.map((text) => `${text}\n`).join(''));
      const ends = [...new Set(at.map((cut) => Math.min(cut, bytes.length)))].toSorted((a, b) => a - b);
      const pieces = [...ends, bytes.length].map((end, n) => bytes.subarray(ends[n - 1] ?? 0, end));
      expect(heard(pieces)).toEqual(sent);
    }),
  );
});

test('what has no end yet is kept until it comes', () => {
  const all: string[] = [];
  const hear = lines((line) => void all.push(line));
  hear(Buffer.from('a\nb'));
  expect(all).toEqual(['a']);
  hear(Buffer.from('c'));
  hear(Buffer.alloc(0));
  hear(Buffer.from('\n\n'));
  expect(all).toEqual(['a', 'bc', '']);
});

test('a line of many pieces is joined once: piece by piece would be quadratic', () => {
  const joined = vi.spyOn(Buffer, 'concat');
  onTestFinished(() => joined.mockRestore());
  const pieces = Array.from({ length: 160 }, () => Buffer.alloc(64 * 1_024, 'x'));
  const [line = '', ...others] = heard([...pieces, Buffer.from('\n')]);
  expect([line.length, others]).toEqual([160 * 64 * 1_024, []]);
  expect(joined).toHaveBeenCalledTimes(1);
});
