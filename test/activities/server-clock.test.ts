/** A worker waits by the server's clock: never too short, whatever the two machines' clocks show. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ServerClock } from '../../src/activities/server-clock.ts';

const NOW = Date.parse('2030-01-01T00:00:00Z');
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** @param aheadMs how far the server's clock shows another time than a worker's monotonic clock */
function clocks(aheadMs = NOW) {
  let now = 5 * SECOND;
  let ahead = aheadMs;
  const clock = new ServerClock(() => now);
  return {
    clock,
    serverTime: () => now + ahead,
    pass: (ms: number) => void (now += ms),
    /** The server's clock is set. */
    set: (ms: number) => void (ahead += ms),
    /** A task comes that was under way for so long. */
    hear: (underWayMs = 0) => clock.hear(now + ahead - underWayMs),
  };
}

test('what is due waits for as long as the quickest task shows', () => {
  const { clock, hear, pass, serverTime } = clocks();
  hear(300);
  hear(20);
  hear(80);
  expect(clock.until(serverTime() + 500)).toBe(520);
  pass(500);
  expect(clock.until(serverTime())).toBe(20);
});

test('nobody knows how long to wait before the first task', () => {
  expect(clocks().clock.until(NOW)).toBe(Infinity);
});

test('it is never early, and no later than the quickest task was under way', () => {
  const step = fc.record({ passMs: fc.nat(3 * MINUTE), underWayMs: fc.nat(5 * SECOND) });
  // Nineteen years in either direction.
  const skew = fc.integer({ min: -600_000 * MINUTE, max: 600_000 * MINUTE });
  fc.assert(
    fc.property(skew, fc.array(step, { minLength: 1 }), fc.nat(MINUTE), (skewMs, steps, dueInMs) => {
      const { clock, hear, pass, serverTime } = clocks(NOW + skewMs);
      for (const { passMs, underWayMs } of steps) {
        pass(passMs);
        hear(underWayMs);
        const late = clock.until(serverTime() + dueInMs) - dueInMs;
        expect(late).toBeGreaterThanOrEqual(0);
        expect(late).toBeLessThanOrEqual(underWayMs);
      }
    }),
  );
});

test('a server whose clock is set back makes nothing early after two minutes', () => {
  const { clock, hear, pass, set, serverTime } = clocks();
  hear();
  set(-10 * SECOND);
  // The tasks of before show more than there is now.
  for (let passed = 0; passed <= 2 * MINUTE; passed += SECOND) {
    pass(SECOND);
    hear();
  }
  expect(clock.until(serverTime() + 500)).toBe(500);
});

test('a server whose clock is set forward is believed with the next task', () => {
  const { clock, hear, set, serverTime } = clocks();
  hear();
  set(10 * SECOND);
  hear();
  expect(clock.until(serverTime() + 500)).toBe(500);
});

test('what tasks showed is kept for a minute without any, and forgotten after two', () => {
  const { clock, hear, pass, serverTime } = clocks();
  hear(10);
  pass(MINUTE);
  hear(300);
  expect(clock.until(serverTime())).toBe(10);
  pass(2 * MINUTE);
  hear(700);
  expect(clock.until(serverTime())).toBe(700);
});
