/** Whether Temporal takes jobs just now, by how the last starts ended: a database whose disk is full still answers every read. */
import { mayPass } from '../errors.ts';

/** One that fails may be bad luck. */
const IN_A_ROW = 3;

/**
 * Then the next starts have to show it again: where nobody asks a web that is not ready, nobody would find out that it could be.
 * @format milliseconds
 */
const FORGOTTEN_AFTER_MS = 15_000;

export class StartOutcomes {
  #failedInARow = 0;
  #lastFailedAt = -Infinity;

  /** Settles as the start does. One that fails by its caller's fault says nothing. */
  async note<T>(start: Promise<T>): Promise<T> {
    try {
      const started = await start;
      this.#failedInARow = 0;
      return started;
    } catch (error) {
      if (mayPass(error)) {
        this.#failedInARow += 1;
        this.#lastFailedAt = performance.now();
      }
      throw error;
    }
  }

  get areFailing(): boolean {
    return this.#failedInARow >= IN_A_ROW && performance.now() - this.#lastFailedAt < FORGOTTEN_AFTER_MS;
  }
}
