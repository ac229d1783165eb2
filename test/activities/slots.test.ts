/** Whose turn it is when handlers outnumber the slots of their queue. */
import { getEventListeners } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { Slots, type Slot } from '../../src/activities/slots.ts';

function taken(slots: Slots): Slot {
  return slots.tryTake() ?? expect.fail('no slot is free');
}

/** @returns the names of those who wait in the order in which they got a slot, which each passes on at once */
async function served(slots: Slots, waiting: readonly (readonly [name: string, priority?: number])[]) {
  const order: string[] = [];
  const running = taken(slots);
  const everybody = waiting.map(async ([name, priority]) => {
    const slot = await slots.take({ priority });
    order.push(name);
    slot?.release();
  });
  running.release();
  await Promise.all(everybody);
  return order;
}

test('there are as many as the limit says', () => {
  const slots = new Slots(2);
  const first = taken(slots);
  taken(slots);
  expect(slots.hasFree).toBe(false);
  expect(slots.tryTake()).toBeUndefined();
  first.release();
  expect(slots.hasFree).toBe(true);
  taken(slots);
  expect(slots.tryTake()).toBeUndefined();
});

test('releasing twice frees one slot', () => {
  const slots = new Slots(2);
  const first = taken(slots);
  taken(slots);
  first.release();
  first.release();
  taken(slots);
  expect(slots.tryTake()).toBeUndefined();
});

test('who waits is served in turn', async () => {
  expect(await served(new Slots(1), [['first'], ['second'], ['third']])).toEqual(['first', 'second', 'third']);
});

test('a higher priority goes first, the same one in turn, and 3 is that of those who name none', async () => {
  const order = await served(new Slots(1), [
    ['low', 5],
    ['none'],
    ['three', 3],
    ['high', 1],
    ['two', 2],
    ['none again'],
  ]);
  expect(order).toEqual(['high', 'two', 'none', 'three', 'none again', 'low']);
});

test('nobody overtakes those who wait, not even when a slot has just been released', async () => {
  const slots = new Slots(1);
  const running = taken(slots);
  const waiting = slots.take({ priority: 5 });
  running.release();
  expect(slots.tryTake()).toBeUndefined();
  const urgent = slots.take({ priority: 1 });
  (await waiting)?.release();
  expect(await urgent).toBeDefined();
});

test('who gives up gets none, and the next in turn does', async () => {
  const slots = new Slots(1);
  const running = taken(slots);
  const patience = new AbortController();
  const gaveUp = slots.take({ priority: 1, signal: patience.signal });
  const next = slots.take();
  patience.abort();
  expect(await gaveUp).toBeUndefined();
  running.release();
  expect(await next).toBeDefined();
  expect(slots.hasFree).toBe(false);
});

test('who has given up before asking gets a free slot, but waits for none', async () => {
  const slots = new Slots(1);
  expect(await slots.take({ signal: AbortSignal.abort() })).toBeDefined();
  expect(await slots.take({ signal: AbortSignal.abort() })).toBeUndefined();
});

test('giving up after being served changes nothing, and leaves no listener behind', async () => {
  const slots = new Slots(1);
  const running = taken(slots);
  const patience = new AbortController();
  const waiting = slots.take({ priority: 3, signal: patience.signal });
  running.release();
  expect(getEventListeners(patience.signal, 'abort')).toHaveLength(0);
  patience.abort();
  expect(await waiting).toBeDefined();
  expect(slots.hasFree).toBe(false);
});

test('a listener hears of a free slot only when nobody waits for it', async () => {
  const slots = new Slots(1);
  const listener = vi.fn<() => void>();
  const stop = slots.onFree(listener);
  const running = taken(slots);
  const waiting = slots.take();
  running.release();
  expect(listener).not.toHaveBeenCalled();
  (await waiting)?.release();
  expect(listener).toHaveBeenCalledOnce();
  stop();
  taken(slots).release();
  expect(listener).toHaveBeenCalledOnce();
});

test('who waits for so long at most gets none then, and the next in turn does', async () => {
  vi.useFakeTimers();
  const slots = new Slots(1);
  const running = taken(slots);
  const impatient = slots.take({ withinMs: 50 });
  const patient = slots.take();
  await vi.advanceTimersByTimeAsync(50);
  expect(await impatient).toBeUndefined();
  running.release();
  expect(await patient).toBeDefined();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

test('nobody gets one while they are closed, and all who wait are served when they are opened again', async () => {
  const slots = new Slots(3);
  const listener = vi.fn<() => void>();
  const running = taken(slots);
  slots.onFree(listener);
  slots.close();
  expect([slots.hasFree, slots.free]).toEqual([false, 0]);
  expect(slots.tryTake()).toBeUndefined();
  const waiting = [slots.take(), slots.take()];
  running.release();
  slots.open();
  for (const slot of await Promise.all(waiting)) expect(slot).toBeDefined();
  expect(slots.free).toBe(1);
  expect(listener).toHaveBeenCalled();
});

type Step = 'take' | 'release' | 'giveUp';

test('whatever happens, no more than the limit are taken, and none stays free while somebody waits', async () => {
  const steps = fc.array(fc.tuple(fc.constantFrom<Step>('take', 'take', 'release', 'giveUp'), fc.nat(4)), {
    maxLength: 60,
  });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 3 }), steps, async (limit, all) => {
      const slots = new Slots(limit);
      const held: Slot[] = [];
      const waiting = new Set<AbortController>();
      const take = async (priority: number): Promise<void> => {
        const patience = new AbortController();
        waiting.add(patience);
        const slot = await slots.take({ priority, signal: patience.signal });
        waiting.delete(patience);
        if (slot) held.push(slot);
      };
      for (const [step, n] of all) {
        if (step === 'take') void take(n + 1);
        else if (step === 'release') held.splice(n % (held.length || 1), 1)[0]?.release();
        else [...waiting].at(n % (waiting.size || 1))?.abort();
        await nextTurn();
        expect(held.length).toBeLessThanOrEqual(limit);
        expect(slots.hasFree).toBe(held.length < limit);
        if (slots.hasFree) expect(waiting.size).toBe(0);
      }
    }),
    { numRuns: 200 },
  );
});
