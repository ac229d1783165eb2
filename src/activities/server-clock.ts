/**
 * Temporal's clock, as far as a worker can know it, since a due time is by that clock and machines' clocks differ. Each task says when
 * the server had it ready, and cannot have come before that: so the server's clock is at least as far as the quickest task shows, and
 * what waits for a time by this never begins early, and late by no more than that task was under way.
 */

/** The server's clock may be set, and this machine may sleep: older tasks say nothing any more. @format milliseconds */
const WINDOW_MS = 60_000;

export class ServerClock {
  readonly #now: () => number;
  /** How far this machine's monotonic clock was ahead at the most, a window for each. */
  #ahead = Infinity;
  #aheadBefore = Infinity;
  #windowEndsAt = 0;

  /** @param now a clock that is never set. @format milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** @param readyAt when the server had a task ready that has just come. @format milliseconds since 1970 */
  hear(readyAt: number): void {
    const now = this.#now();
    if (now >= this.#windowEndsAt) {
      this.#aheadBefore = now < this.#windowEndsAt + WINDOW_MS ? this.#ahead : Infinity;
      this.#ahead = Infinity;
      this.#windowEndsAt = now + WINDOW_MS;
    }
    this.#ahead = Math.min(this.#ahead, now - readyAt);
  }

  /** How long until the server's clock shows this time; never less. @format milliseconds */
  until(time: number): number {
    return time + Math.min(this.#ahead, this.#aheadBefore) - this.#now();
  }
}
