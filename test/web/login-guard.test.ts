import { expect, test } from 'vitest';
import { createLoginGuard } from '../../src/web/login-guard.ts';

const right = (): boolean => true;
const wrong = (): boolean => false;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

function setup() {
  const clock = { now: 5 };
  const guard = createLoginGuard(() => clock.now);
  const guess = (client: string, times: number): void => {
    for (let time = 0; time < times; time += 1) guard.attempt(client, 'holdfast', wrong);
  };
  return { clock, guard, guess };
}

test('a few wrong tries are free, then each waits twice as long, for a minute at most', () => {
  const { clock, guard } = setup();
  const told: (boolean | number)[] = [];
  while (told.length < 20) {
    const outcome = guard.attempt('a', 'holdfast', wrong);
    told.push(typeof outcome === 'boolean' ? outcome : outcome.waitMs / SECOND);
    if (typeof outcome !== 'boolean') clock.now += outcome.waitMs;
  }
  const waits = told.filter((outcome) => outcome !== false);
  expect(told.slice(0, 6)).toEqual([false, false, false, false, false, 1]);
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
});

test('a try that comes too early is not even looked at, and makes nobody wait longer', () => {
  const { clock, guard, guess } = setup();
  guess('a', 5);
  clock.now += 400;
  const never = (): boolean => {
    throw new Error('the password was compared');
  };
  for (let time = 0; time < 100; time += 1) expect(guard.attempt('a', 'holdfast', never)).toEqual({ waitMs: 600 });
  clock.now += 600;
  expect(guard.attempt('a', 'holdfast', right)).toBe(true);
});

test('a right password makes up for the wrong ones of its client', () => {
  const { guard, guess } = setup();
  guess('a', 4);
  expect(guard.attempt('a', 'holdfast', right)).toBe(true);
  guess('a', 4);
  expect(guard.attempt('a', 'holdfast', right)).toBe(true);
});

test('wrong tries are forgotten after a quarter of an hour without one', () => {
  const { clock, guard, guess } = setup();
  guess('a', 5);
  clock.now += 15 * MINUTE;
  guess('a', 4);
  expect(guard.attempt('a', 'holdfast', right)).toBe(true);
});

test('a client waits for what it did itself, whatever account it tried', () => {
  const { guard, guess } = setup();
  guess('a', 5);
  expect(guard.attempt('b', 'holdfast', right)).toBe(true);
  expect(guard.attempt('a', 'admin', right)).toEqual({ waitMs: SECOND });
});

test('guesses from many addresses make the account wait, for 10 s at most, but for clients that know the password', () => {
  const { clock, guard, guess } = setup();
  expect(guard.attempt('home', 'holdfast', right)).toBe(true);
  for (let client = 0; client < 100; client += 1) guess(`bot-${client}`, 1);
  expect(guard.attempt('bot-101', 'holdfast', right)).toEqual({ waitMs: SECOND });
  for (let client = 200; client < 300; client += 1) {
    clock.now += 10 * SECOND;
    guess(`bot-${client}`, 1);
  }
  expect(guard.attempt('bot-101', 'holdfast', right)).toEqual({ waitMs: 10 * SECOND });
  expect(guard.attempt('bot-101', 'somebody', right)).toBe(true);
  expect(guard.attempt('home', 'holdfast', right)).toBe(true);
  clock.now += 10 * SECOND;
  expect(guard.attempt('elsewhere', 'holdfast', right)).toBe(true);
});

test('what it remembers is bounded: the clients heard of longest ago go first', () => {
  const { guard, guess } = setup();
  guess('first', 5);
  // Each with an account of its own, or that would have to wait.
  for (let client = 0; client < 9_999; client += 1) guard.attempt(`${client}`, `account ${client}`, wrong);
  expect(guard.attempt('first', 'x', right)).toEqual({ waitMs: SECOND });
  guard.attempt('last', 'y', wrong);
  expect(guard.attempt('first', 'x', right)).toBe(true);
});
