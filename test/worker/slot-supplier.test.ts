/** When Temporal's worker may fetch: never more activities than handlers may run, and none while they fill the slots. */
import { getEventListeners } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SlotPermit } from '@temporalio/worker';
import { expect, test } from 'vitest';
import { Slots, type Slot } from '../../src/activities/slots.ts';
import { slotSupplier } from '../../src/worker/slot-supplier.ts';

function setup(limit: number) {
  const slots = new Slots(limit);
  const supplier = slotSupplier(slots);
  const context = {
    slotType: 'activity',
    taskQueue: 'default',
    workerIdentity: 'w',
    workerBuildId: '',
    isSticky: false,
  } as const;
  const patience = new AbortController();
  return {
    patience,
    slots,
    take: (): Slot => slots.tryTake() ?? expect.fail('no slot is free'),
    reserve: async (signal: AbortSignal = patience.signal) => supplier.reserveSlot(context, signal),
    tryReserve: () => supplier.tryReserveSlot(context),
    used: () => supplier.markSlotUsed({ permit: {}, slotInfo: { type: 'activity', activityType: 'runChunk' } }),
    release: () => supplier.releaseSlot({ permit: {} }),
  };
}

/** Whether a promise has been served by now, without waiting for it. */
async function isServed(reserving: Promise<SlotPermit>): Promise<boolean> {
  return Promise.race([reserving.then(() => true), nextTurn(false)]);
}

test('there are never more permits than slots', async () => {
  const { reserve, tryReserve } = setup(2);
  await reserve();
  expect(tryReserve()).not.toBeNull();
  expect(tryReserve()).toBeNull();
  expect(await isServed(reserve())).toBe(false);
});

test('a chunk that waits for the time of its next job is in nobody’s way', async () => {
  const { slots, reserve, tryReserve, used, take } = setup(1);
  await reserve();
  used();
  const another = reserve();
  expect(await isServed(another)).toBe(false);
  const rest = Promise.withResolvers<void>();
  const resting = slots.whileResting(rest.promise);
  expect(await isServed(another)).toBe(true);
  used();
  rest.resolve();
  await resting;
  expect(tryReserve()).toBeNull();
  take();
  const handlers = Promise.withResolvers<void>();
  void slots.whileResting(handlers.promise);
  // However many rest: the one slot is taken.
  expect(tryReserve()).toBeNull();
});

test('none is given while handlers fill the slots, and one as soon as a handler is through', async () => {
  const { reserve, tryReserve, take } = setup(2);
  const handler = take();
  take();
  expect(tryReserve()).toBeNull();
  const reserving = reserve();
  expect(await isServed(reserving)).toBe(false);
  handler.release();
  expect(await isServed(reserving)).toBe(true);
});

test('a handler that waits for its slot goes before what is still to be fetched', async () => {
  const { slots, reserve, take } = setup(1);
  const handler = take();
  const reserving = reserve();
  const next = slots.take();
  handler.release();
  const nextHandler = (await next) ?? expect.fail('the handler got no slot');
  expect(await isServed(reserving)).toBe(false);
  nextHandler.release();
  expect(await isServed(reserving)).toBe(true);
});

test('a permit that is given back serves the next one, in turn', async () => {
  const { reserve, release } = setup(1);
  await reserve();
  const [second, third] = [reserve(), reserve()];
  release();
  expect(await isServed(second)).toBe(true);
  expect(await isServed(third)).toBe(false);
  release();
  expect(await isServed(third)).toBe(true);
});

test('a permit that is given back while handlers fill the slots serves nobody until one of them is through', async () => {
  const { reserve, release, take } = setup(1);
  await reserve();
  const reserving = reserve();
  const handler = take();
  release();
  expect(await isServed(reserving)).toBe(false);
  handler.release();
  expect(await isServed(reserving)).toBe(true);
});

test('several slots that come free serve several who wait', async () => {
  const { reserve, take } = setup(3);
  const handlers = [take(), take(), take()];
  const waiting = [reserve(), reserve(), reserve()];
  for (const handler of handlers) handler.release();
  await expect(Promise.all(waiting)).resolves.toHaveLength(3);
});

test('who is no longer needed is told so, and takes no permit', async () => {
  const { reserve, release, tryReserve, patience } = setup(1);
  await reserve();
  const reserving = reserve();
  patience.abort();
  await expect(reserving).rejects.toMatchObject({ name: 'AbortError' });
  release();
  expect(tryReserve()).not.toBeNull();
});

test('who was no longer needed before it asked is told so at once, and takes no permit later', async () => {
  const { reserve, release, tryReserve } = setup(1);
  await reserve();
  const outcome = reserve(AbortSignal.abort()).catch((error: unknown) => error);
  expect(await Promise.race([outcome, nextTurn('still waits')])).toMatchObject({ name: 'AbortError' });
  release();
  expect(tryReserve()).not.toBeNull();
});

test('who was served leaves no listener behind', async () => {
  const { reserve, release, patience } = setup(1);
  await reserve();
  const reserving = reserve();
  release();
  await reserving;
  expect(getEventListeners(patience.signal, 'abort')).toHaveLength(0);
});
