/**
 * Notices that this process stood still: frozen, or held up by its machine. What it reads right afterwards may have come in long before,
 * and somebody may have given it up and asked another process.
 */

const TICK_MS = 200;
/** What is no more than a busy moment. @format milliseconds */
const LONG_MS = 800;
/** So long after a standstill, what was waiting for it is still being read. @format milliseconds */
const CATCHING_UP_MS = 1_000;

export class Standstill {
  #lastTick = performance.now();
  #last = { from: -Infinity, to: -Infinity };

  constructor() {
    setInterval(() => this.#look(performance.now()), TICK_MS).unref();
  }

  /** When a request may have come in at the earliest that is read now. By the clock of `performance.now`. @format milliseconds */
  earliest(): number {
    const now = performance.now();
    this.#look(now);
    return now - this.#last.to < CATCHING_UP_MS ? this.#last.from : now;
  }

  #look(now: number): void {
    if (now - this.#lastTick > LONG_MS) this.#last = { from: this.#lastTick, to: now };
    this.#lastTick = now;
  }
}
