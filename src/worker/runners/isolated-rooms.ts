/** How many attempts may each have a process of their own: it costs a start and some memory. */
import { machineTime } from '../../runner/messages.ts';
import type { AttemptInRunner } from './attempt-in-runner.ts';

/** Jobs that processes died with. */
const SUSPECTS_AT_ONCE = 2;
/** Jobs of kinds that always run alone. */
const OTHERS_AT_ONCE = 8;

/** Those without a room come again, all together so often. @format milliseconds */
const ASKS_EVERY_MS = 500;
const SHORTEST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

export class IsolatedRooms {
  readonly #taken = new Set<AttemptInRunner>();
  /** Jobs that were sent away, and when they may come again. */
  readonly #sentAway = new Map<string, number>();

  /** @returns for how long it goes away, if there is no room. @format milliseconds */
  take(attempt: AttemptInRunner): number | undefined {
    const { jobId, isSuspect = false } = attempt.input;
    const now = machineTime();
    const alike = [...this.#taken].filter(({ input }) => (input.isSuspect ?? false) === isSuspect).length;
    if (alike < (isSuspect ? SUSPECTS_AT_ONCE : OTHERS_AT_ONCE)) {
      this.#sentAway.delete(jobId);
      this.#taken.add(attempt);
      return undefined;
    }
    for (const [id, until] of this.#sentAway) if (until < now - LONGEST_WAIT_MS) this.#sentAway.delete(id);
    this.#sentAway.set(jobId, now);
    const waitMs = Math.min(Math.max(this.#sentAway.size * ASKS_EVERY_MS, SHORTEST_WAIT_MS), LONGEST_WAIT_MS);
    this.#sentAway.set(jobId, now + waitMs);
    return waitMs;
  }

  leave(attempt: AttemptInRunner): void {
    this.#taken.delete(attempt);
  }
}
