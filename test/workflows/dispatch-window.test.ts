import { describe, expect, test } from 'vitest';
import { dispatchWindow } from '../../src/workflows/lib/group/dispatch-window.ts';

const NOW = 1_700_000_000_000;
/** Due times from now, so many milliseconds apart. */
const every = (ms: number, count: number): number[] => Array.from({ length: count }, (_, n) => NOW + 60_000 + n * ms);

describe('a few jobs', () => {
  test('go out a quarter of a second before the first is due, with what is due by then', () => {
    const first = NOW + 60_000;
    expect(dispatchWindow(every(1_000, 10), NOW, 0.5)?.handOutAt).toBe(first - 250);
    expect(dispatchWindow(every(1_000, 10), first - 250, 0.5)).toEqual({ handOutAt: first - 250, until: first });
  });

  test('are not many because there are more much later', () => {
    const times = [NOW, ...every(10, 100)];
    expect(dispatchWindow(times, NOW, 0)?.until).toBe(NOW + 250);
  });
});

describe('many jobs', () => {
  test.each([0, 0.3, 0.99])('go out together, for at most two times twenty seconds (share %f)', (share) => {
    const times = every(100, 600);
    const outlook = dispatchWindow(times, NOW, share);
    const takes = (outlook?.until ?? 0) - (times[0] ?? 0);
    expect(takes).toBeGreaterThanOrEqual(0);
    expect(takes).toBeLessThanOrEqual(40_000);
  });

  test('wake each group at another time, up to four seconds early', () => {
    const early = (share: number): number =>
      NOW + 60_000 - (dispatchWindow(every(100, 600), NOW, share)?.handOutAt ?? 0);
    expect([0, 0.5, 1].map(early)).toEqual([250, 2_250, 4_250]);
  });

  test('leave no handful behind, for which the group would wake again and again', () => {
    const times = every(100, 60);
    expect(dispatchWindow(times, NOW, 0.5)?.until).toBeGreaterThanOrEqual(times.at(-1) ?? 0);
  });

  test('go on at the place where the last ones ended', () => {
    const times = every(100, 600);
    const first = dispatchWindow(times, NOW, 0.3)?.until ?? 0;
    const rest = times.filter((time) => time > first);
    expect(dispatchWindow(rest, first, 0.3)?.until).toBe(first + 20_000);
  });
});

test('whatever waits goes out when its time has come: no group looks again and again in vain', () => {
  for (const share of [0, 0.5, 0.999])
    for (const times of [every(0, 1), every(37, 15), every(37, 16), every(700, 500), every(0, 500)]) {
      const at = dispatchWindow(times, NOW, share)?.handOutAt ?? 0;
      const then = dispatchWindow(times, at, share);
      expect(then?.handOutAt).toBe(at);
      expect(then?.until).toBeGreaterThanOrEqual(times[0] ?? 0);
    }
});

test('nothing that waits, no time', () => {
  expect(dispatchWindow([], NOW, 0)).toBeUndefined();
});
