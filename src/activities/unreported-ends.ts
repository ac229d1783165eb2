/** How attempts of a chunk ended, until the group has heard of it, in parts that Temporal takes. */
import { BUDGETS } from '../contract/budgets.ts';
import type { ItemEnd } from '../job/group/chunks.ts';

export class UnreportedEnds {
  #ends: ItemEnd[] = [];
  #bytes = 0;
  readonly #weights = new WeakMap<ItemEnd, number>();

  add(end: ItemEnd): void {
    const bytes = bytesOf(end);
    this.#weights.set(end, bytes);
    this.#ends.push(end);
    this.#bytes += bytes;
  }

  get all(): readonly ItemEnd[] {
    return this.#ends;
  }

  get isTooMuchForOnePart(): boolean {
    return this.#bytes > BUDGETS.endsTogether;
  }

  /** At least one. */
  parts(): ItemEnd[][] {
    if (!this.isTooMuchForOnePart) return [[...this.#ends]];
    const parts: ItemEnd[][] = [[]];
    let bytes = 0;
    for (const end of this.#ends) {
      const more = this.#weightOf(end);
      if (bytes > 0 && bytes + more > BUDGETS.endsTogether) {
        parts.push([]);
        bytes = 0;
      }
      parts.at(-1)?.push(end);
      bytes += more;
    }
    return parts;
  }

  /** The group has heard of these. */
  forget(told: readonly ItemEnd[]): void {
    const isTold = new Set(told);
    this.#ends = this.#ends.filter((end) => !isTold.has(end));
    this.#bytes = this.#ends.reduce((sum, end) => sum + this.#weightOf(end), 0);
  }

  #weightOf(end: ItemEnd): number {
    return this.#weights.get(end) ?? 0;
  }
}

/** Runners see to it that an end is JSON, and within its budgets. */
function bytesOf(end: ItemEnd): number {
  return Buffer.byteLength(JSON.stringify(end));
}
