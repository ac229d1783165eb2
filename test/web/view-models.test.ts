import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { formatDuration, formatTime } from '../../src/web/format-times.ts';
import { shellQuote } from '../../src/web/shell-quote.ts';

describe('durations', () => {
  const cases: [number, string][] = [
    [0, '0 ms'],
    [999, '999 ms'],
    [4_230, '4.2 s'],
    [60_000, '1 min'],
    [200_000, '3 min 20 s'],
    [7_500_000, '2 h 5 min'],
    [3_600_000, '1 h'],
    [273_600_000, '3 d 4 h'],
  ];
  test.each(cases)('%i ms reads %s', (ms, text) => expect(formatDuration(ms)).toBe(text));
});

test('times read the same on every machine', () => {
  expect(formatTime('2026-11-24T08:54:12.345Z')).toBe('24 Nov 2026, 08:54:12 UTC');
});

test.each(['plain-id', "it's", '$(reboot)', '`reboot`', 'a b', '"', '\\', '-x', '*', 'é\n', ''])(
  'a shell reads %j as one argument, unchanged',
  (text) => {
    const output = execFileSync('sh', ['-c', `printf '<%s>' ${shellQuote(text)}`], { encoding: 'utf8' });
    expect(output).toBe(`<${text}>`);
  },
);
