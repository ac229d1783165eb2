/**
 * How many handlers of one queue this worker has running at the same time, whether their jobs came alone or in chunks.
 * Who has to wait is served by priority, then in turn.
 */

export interface Slot {
  /** Safe to call twice. */
  release(): void;
}

export interface Turn {
  /** 1 goes first. @default 3 */
  readonly priority?: number | undefined;
  readonly signal?: AbortSignal;
  /** @default as long as it takes. @format milliseconds */
  readonly withinMs?: number;
}

/** Every job takes one, so it holds no function of its own. */
class TakenSlot implements Slot {
  #release: (() => void) | undefined;

  constructor(release: () => void) {
    this.#release = release;
  }

  release(): void {
    const release = this.#release;
    this.#release = undefined;
    release?.();
  }
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
  #resting = 0;
  #isOpen = true;
  #waiting: Waiting[] = [];
  #onFree = new Set<() => void>();

  constructor(limit: number) {
    this.limit = limit;
  }

  get free(): number {
    return this.#isOpen ? this.limit - this.#used : 0;
  }

  get hasFree(): boolean {
    return this.free > 0;
  }

  /** Chunks in hand that wait for the time of their next job, and so for no slot. */
  get resting(): number {
    return this.#resting;
  }

  /** Counts a chunk as resting until `rest` is over. */
  async whileResting(rest: Promise<void>): Promise<void> {
    this.#resting += 1;
    this.#tellFree();
    try {
      await rest;
    } finally {
      this.#resting -= 1;
    }
  }

  /** Nobody gets a slot, free or not, until they are opened again: there is no process that could run anything. */
  close(): void {
    this.#isOpen = false;
  }

  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    while (this.hasFree && this.#waiting.length > 0) this.#waiting.shift()?.serve(this.#take());
    if (this.hasFree) this.#tellFree();
  }

  tryTake(): Slot | undefined {
    // Nobody overtakes those who wait.
    return this.hasFree && this.#waiting.length === 0 ? this.#take() : undefined;
  }

  /** @returns `undefined` when the signal aborts, or the time is up, first */
  async take({ priority = DEFAULT_PRIORITY, signal, withinMs }: Turn = {}): Promise<Slot | undefined> {
    const slot = this.tryTake();
    if (slot || signal?.aborted) return slot;
    return new Promise((resolve) => {
      const end = (served?: Slot): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', giveUp);
        resolve(served);
      };
      const giveUp = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting);
        end();
      };
      const waiting: Waiting = { priority, serve: end };
      // A plain timer: a signal with a timeout makes three objects and an error, each time that a chunk waits.
      const timer = withinMs === undefined ? undefined : setTimeout(giveUp, withinMs);
      const after = this.#waiting.findIndex((other) => other.priority > priority);
      this.#waiting.splice(after === -1 ? this.#waiting.length : after, 0, waiting);
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** Calls `listener` whenever there may be room for more: a slot is free and nobody waits for it, or a chunk rests. @returns a function that ends this */
  onFree(listener: () => void): () => void {
    this.#onFree.add(listener);
    return () => this.#onFree.delete(listener);
  }

  #take(): Slot {
    this.#used += 1;
    return new TakenSlot(this.#release);
  }

  readonly #release = (): void => {
    this.#used -= 1;
    const next = this.#isOpen ? this.#waiting.shift() : undefined;
    if (next) next.serve(this.#take());
    else this.#tellFree();
  };

  #tellFree(): void {
    for (const listener of this.#onFree) listener();
  }
}
