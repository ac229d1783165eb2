import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { aFewAtATime } from '../../src/temporal/start/a-few-at-a-time.ts';
import { TemporalUnreachableError } from '../../src/temporal/errors.ts';

/** Calls that the test ends by hand. */
function setup() {
  const begun: number[] = [];
  const calls: PromiseWithResolvers<number>[] = [];
  const call = aFewAtATime(async (n: number) => {
    begun.push(n);
    return (calls[n] = Promise.withResolvers<number>()).promise;
  });
  return { begun, call, end: (n: number) => calls[n]?.resolve(n), fail: (n: number, e: Error) => calls[n]?.reject(e) };
}

test('calls begin in their order, and only as many as there are places', async () => {
  const { begun, call, end } = setup();
  const all = Promise.all(Array.from({ length: 12 }, async (_, n) => call(n)));
  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  end(5);
  await nextTurn();
  expect(begun.slice(8)).toEqual([8]);
  for (let n = 0; n < 12; n += 1) {
    end(n);
    await nextTurn();
  }
  expect(begun).toEqual(Array.from({ length: 12 }, (_, n) => n));
  expect(await all).toEqual(begun);
});

test('one that fails makes room like one that does not', async () => {
  const { begun, call, fail } = setup();
  const outcomes = Array.from({ length: 9 }, async (_, n) => call(n));
  fail(0, new Error('no luck'));
  await expect(outcomes[0]).rejects.toThrow('no luck');
  expect(begun).toContain(8);
});

test('when Temporal does not answer, those that wait fail at once, and later ones are tried', async () => {
  const { begun, call, fail } = setup();
  const outcomes = Array.from({ length: 20 }, async (_, n) => call(n));
  const settled = Promise.allSettled(outcomes);
  const unreachable = new TemporalUnreachableError(new Error('gone'));
  for (let n = 0; n < 8; n += 1) fail(n, unreachable);
  expect((await settled).map((outcome) => outcome.status === 'rejected' && outcome.reason)).toEqual(
    Array.from({ length: 20 }, () => unreachable),
  );
  expect(begun).toHaveLength(8);
  void call(8);
  expect(begun).toHaveLength(9);
});
