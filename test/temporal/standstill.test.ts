import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Standstill } from '../../src/temporal/start/standstill.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Time goes by, and no timer is called: the process is frozen. */
function frozen(ms: number): void {
  const now = performance.now();
  vi.spyOn(performance, 'now').mockImplementation(() => now + ms);
}

test('what is read while all goes well has just come in', () => {
  const standstill = new Standstill();
  vi.advanceTimersByTime(5_000);
  expect(standstill.earliest()).toBe(performance.now());
});

test('what is read right after a standstill may have come in at its beginning', () => {
  const standstill = new Standstill();
  vi.advanceTimersByTime(5_000);
  const before = performance.now();
  frozen(10_000);
  expect(standstill.earliest()).toBe(before);
  vi.restoreAllMocks();
});

test('that holds for a second', () => {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const standstill = new Standstill();
  now = 10_000;
  expect(standstill.earliest()).toBe(0);
  for (now = 10_200; now < 11_000; now += 200) expect(standstill.earliest()).toBe(0);
  now = 11_100;
  expect(standstill.earliest()).toBe(11_100);
  vi.restoreAllMocks();
});
