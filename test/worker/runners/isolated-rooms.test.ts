/** Who gets a process of its own, and when the others may ask again. */
import { expect, test } from 'vitest';
import { attemptInput } from '../../support/kinds.ts';
import { AttemptInRunner } from '../../../src/worker/runners/attempt-in-runner.ts';
import { IsolatedRooms } from '../../../src/worker/runners/isolated-rooms.ts';

function attempt(jobId: string, isSuspect = true): AttemptInRunner {
  const owner = { begun: () => {}, changed: () => {}, ended: () => {}, over: () => {} };
  return new AttemptInRunner(attemptInput({ jobId, isSuspect }), owner, 'worker-1');
}

test('two suspects have one at a time, and the next one as soon as a first has left', () => {
  const rooms = new IsolatedRooms();
  const [a, b, c] = [attempt('a'), attempt('b'), attempt('c')];
  expect([rooms.take(a), rooms.take(b)]).toEqual([undefined, undefined]);
  expect(rooms.take(c)).toBe(1_000);
  rooms.leave(a);
  expect(rooms.take(c)).toBeUndefined();
});

test('kinds that always run alone have more rooms, and suspects take none of them', () => {
  const rooms = new IsolatedRooms();
  const inAll = (names: readonly string[], isSuspect: boolean): number =>
    names.filter((name) => rooms.take(attempt(name, isSuspect)) === undefined).length;
  const names = Array.from({ length: 20 }, (_, n) => `job-${n}`);
  expect(inAll(names, false)).toBe(8);
  expect(inAll(names, true)).toBe(2);
});

test('the more are sent away, the later they come, up to half a minute; one that asks again counts once', () => {
  const rooms = new IsolatedRooms();
  rooms.take(attempt('a'));
  rooms.take(attempt('b'));
  const waits = Array.from({ length: 100 }, (_, n) => rooms.take(attempt(`job-${n}`)) ?? 0);
  expect(waits.slice(0, 4)).toEqual([1_000, 1_000, 1_500, 2_000]);
  expect(waits.toSorted((a, b) => a - b)).toEqual(waits);
  expect(waits.at(-1)).toBe(30_000);
  const again = new IsolatedRooms();
  again.take(attempt('a'));
  again.take(attempt('b'));
  expect(Array.from({ length: 9 }, () => again.take(attempt('c')))).toEqual(Array.from({ length: 9 }, () => 1_000));
});

test('whoever has got in makes nobody wait longer any more', () => {
  const rooms = new IsolatedRooms();
  const first = [attempt('a'), attempt('b')];
  for (const each of first) rooms.take(each);
  const sentAway = Array.from({ length: 4 }, (_, n) => attempt(`job-${n}`));
  expect(sentAway.map((each) => rooms.take(each))).toEqual([1_000, 1_000, 1_500, 2_000]);
  for (const each of first) rooms.leave(each);
  expect(sentAway.map((each) => rooms.take(each))).toEqual([undefined, undefined, 1_000, 1_000]);
});
