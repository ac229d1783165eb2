/** One job of a chunk, from its slot to the end of its handler. */
import type { AttemptEnd } from '../job/job-events.ts';
import type { AttemptInput, AttemptReport } from '../job/job.ts';
import type { AbortReason, AttemptInHand, AttemptOwner, Runners } from './runners.ts';
import type { Slot } from './slots.ts';

/** The chunk, as far as its items need it. */
export interface ItemOwner {
  ended(item: ItemInHand, end: AttemptEnd): void;
}

/** One object for all of it: ten thousand of them a second are what a worker does in bulk. */
export class ItemInHand implements AttemptOwner {
  readonly number: number;
  readonly #slot: Slot;
  readonly #owner: ItemOwner;
  readonly #attempt: AttemptInHand;

  constructor(number: number, input: AttemptInput, slot: Slot, owner: ItemOwner, runners: Runners) {
    this.number = number;
    this.#slot = slot;
    this.#owner = owner;
    this.#attempt = runners.run(input, this);
  }

  /** `undefined` until its handler runs. */
  get report(): AttemptReport | undefined {
    return this.#attempt.report;
  }

  abort(why: AbortReason): void {
    this.#attempt.abort(why);
  }

  begun(): void {
    // Heartbeats of the chunk tell.
  }

  changed(): void {
    // These too.
  }

  ended(end: AttemptEnd): void {
    this.#owner.ended(this, end);
  }

  over(): void {
    this.#slot.release();
  }
}
