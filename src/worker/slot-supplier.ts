/**
 * Tells Temporal's worker when to fetch an activity. A chunk of a group is one activity that runs many handlers, so what counts is
 * the handlers: while they fill the queue's slots, nothing more is fetched that would only wait here.
 */
import type { CustomSlotSupplier, SlotPermit } from '@temporalio/worker';
import type { Slots } from '../activities/slots.ts';

type ActivitySlotSupplier = CustomSlotSupplier<{ readonly type: 'activity'; activityType: string }>;

/** Chunks that wait for the time of their next job take up no slot, but memory. */
const RESTING_AT_MOST = 1_000;

export function slotSupplier(slots: Slots): ActivitySlotSupplier {
  let permits = 0;
  /** Of those, what has not brought anything yet: polls that are on their way. */
  let unused = 0;
  const asking = new Set<() => boolean>();
  const reserve = (): SlotPermit | null => {
    const inTheWay = permits - Math.min(slots.resting, RESTING_AT_MOST);
    if (inTheWay >= slots.limit || unused >= slots.free) return null;
    permits += 1;
    unused += 1;
    return {};
  };
  const serve = (): void => {
    for (const ask of asking) if (!ask()) return;
  };
  slots.onFree(serve);
  return {
    type: 'custom',
    tryReserveSlot: reserve,
    async reserveSlot(_context, signal) {
      // Its listener below would never be called, and a later permit be lost.
      if (signal.aborted) throw signal.reason as Error;
      const permit = reserve();
      if (permit) return permit;
      return new Promise((resolve, reject) => {
        const ask = (): boolean => {
          const reserved = reserve();
          if (!reserved) return false;
          asking.delete(ask);
          signal.removeEventListener('abort', giveUp);
          resolve(reserved);
          return true;
        };
        const giveUp = (): void => {
          asking.delete(ask);
          reject(signal.reason as Error);
        };
        asking.add(ask);
        signal.addEventListener('abort', giveUp, { once: true });
      });
    },
    markSlotUsed() {
      unused -= 1;
    },
    releaseSlot({ slotInfo }) {
      permits -= 1;
      if (!slotInfo) unused -= 1;
      serve();
    },
  };
}
