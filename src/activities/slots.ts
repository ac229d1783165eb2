/**
 * How many handlers of one queue run in this process at the same time, whether their jobs came alone or in chunks.
 * Who has to wait is served by priority, then in turn.
 */

export interface Slot {
  /** Safe to call twice. */
  release(): void;
}

interface Waiting {
  readonly priority: number;
  readonly serve: (slot: Slot) => void;
}

/** Temporal's own, for work that names none. */
const DEFAULT_PRIORITY = 3;

export class Slots {
  readonly limit: number;
  #used = 0;
  #waiting: Waiting[] = [];
  #onFree = new Set<() => void>();

  constructor(limit: number) {
    this.limit = limit;
  }

  get free(): number {
    return this.limit - this.#used;
  }

  get hasFree(): boolean {
    return this.free > 0;
  }

  tryTake(): Slot | undefined {
    // Nobody overtakes those who wait.
    return this.hasFree && this.#waiting.length === 0 ? this.#take() : undefined;
  }

  /** @returns `undefined` when `signal` aborts first */
  async take(priority = DEFAULT_PRIORITY, signal?: AbortSignal): Promise<Slot | undefined> {
    const slot = this.tryTake();
    if (slot || signal?.aborted) return slot;
    return new Promise((resolve) => {
      const giveUp = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting);
        resolve(undefined);
      };
      const waiting: Waiting = {
        priority,
        serve: (served) => {
          signal?.removeEventListener('abort', giveUp);
          resolve(served);
        },
      };
      const after = this.#waiting.findIndex((other) => other.priority > priority);
      this.#waiting.splice(after === -1 ? this.#waiting.length : after, 0, waiting);
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** Calls `listener` whenever a slot is free and nobody waits for it. @returns a function that ends this */
  onFree(listener: () => void): () => void {
    this.#onFree.add(listener);
    return () => this.#onFree.delete(listener);
  }

  #take(): Slot {
    this.#used += 1;
    let isReleased = false;
    return {
      release: () => {
        if (isReleased) return;
        isReleased = true;
        this.#release();
      },
    };
  }

  #release(): void {
    this.#used -= 1;
    const next = this.#waiting.shift();
    if (next) next.serve(this.#take());
    else for (const listener of this.#onFree) listener();
  }
}
