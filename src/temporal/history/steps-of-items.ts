/** A group's steps as each of its jobs has them: its own, and those that are the same for all. */
import type { HistoryStep } from './history-steps.ts';

/** Whose steps are the same for all. No number: people send any number as an item's. */
export const EVERY_ITEM = undefined;

export type Whose = number | typeof EVERY_ITEM;

export class StepsOfItems {
  readonly #only: number | undefined;
  readonly #steps = new Map<Whose, HistoryStep[]>();

  /** @param only the one job whose steps are kept, where no other will be asked for */
  constructor(only?: number) {
    this.#only = only;
  }

  add(item: Whose, step: HistoryStep): void {
    if (this.#only !== undefined && item !== this.#only && item !== EVERY_ITEM) return;
    const steps = this.#steps.get(item);
    if (steps) steps.push(step);
    else this.#steps.set(item, [step]);
  }

  count(item: Whose): number {
    return this.#steps.get(item)?.length ?? 0;
  }

  /** In the order of their events, without the first so many of its own and of those for all. */
  of(item: number, own = 0, common = 0): HistoryStep[] {
    const steps = [...this.#after(item, own), ...this.#after(EVERY_ITEM, common)];
    return steps.sort((one, other) => one.id - other.id);
  }

  #after(item: Whose, count: number): readonly HistoryStep[] {
    return this.#steps.get(item)?.slice(count) ?? [];
  }
}
