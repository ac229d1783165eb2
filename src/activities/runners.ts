/** Where attempts run: in processes of their own, which activities know by this alone. */
import type { AttemptEnd } from '../job/job-events.ts';
import type { AttemptInput, AttemptReport } from '../job/job.ts';

/** `stopped`: the worker stops, so nobody is to blame. */
export type AbortReason = 'cancelled' | 'stopped';

/** Who wants an attempt run, and is told how it goes: in this order, each at most once but `changed`. */
export interface AttemptOwner {
  /** Its handler is about to run its first line. */
  begun(): void;
  /** It has said how far it is, or an error got past it. */
  changed(): void;
  /** How it ended. Its handler may still run, when its time was up. */
  ended(end: AttemptEnd): void;
  /** Nothing of it runs any more, or its process has been given up: its slot is free. */
  over(): void;
}

export interface AttemptInHand {
  /** `undefined` until it has begun. */
  readonly report: AttemptReport | undefined;
  /** Asks the handler to end. One that does not within ten seconds is given up together with its process. */
  abort(why: AbortReason): void;
}

export interface Runners {
  /** Tells its owner nothing before this returns. */
  run(input: AttemptInput, owner: AttemptOwner): AttemptInHand;
}
