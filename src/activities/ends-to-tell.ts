/** How attempts of a chunk ended, until the group has heard of it, in parts that Temporal takes. */
import type { ItemEnd } from '../contract/chunks.ts';
import { LIMITS } from '../contract/limits.ts';

/** More than this is worth telling by itself: together with more, a report would outgrow what Temporal takes. @format bytes */
const PART_BYTES = 256 * 1024;
/** What is left of a message that is too long to report. @format characters */
const CLIPPED_MESSAGE = 10_000;

export class EndsToTell {
  #ends: ItemEnd[] = [];
  #bytes = 0;
  readonly #weights = new WeakMap<ItemEnd, number>();

  add(end: ItemEnd): void {
    const { itemEnd, bytes } = sendable(end);
    this.#weights.set(itemEnd, bytes);
    this.#ends.push(itemEnd);
    this.#bytes += bytes;
  }

  get all(): readonly ItemEnd[] {
    return this.#ends;
  }

  get isTooMuchForOnePart(): boolean {
    return this.#bytes > PART_BYTES;
  }

  /** At least one. */
  parts(): ItemEnd[][] {
    if (!this.isTooMuchForOnePart) return [[...this.#ends]];
    const parts: ItemEnd[][] = [[]];
    let bytes = 0;
    for (const end of this.#ends) {
      const more = this.#weightOf(end);
      if (bytes > 0 && bytes + more > PART_BYTES) {
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

/** What a job has to say, without what is too much: a group's history has room for so much of each, and no more. */
function sendable(itemEnd: ItemEnd): { itemEnd: ItemEnd; bytes: number } {
  const bytes = bytesOf(itemEnd);
  if (bytes <= LIMITS.itemReportBytes) return { itemEnd, bytes };
  const lighter = withoutTooMuch(itemEnd);
  return { itemEnd: lighter, bytes: bytesOf(lighter) };
}

function withoutTooMuch(end: ItemEnd): ItemEnd {
  const { startedAt = 0, endedAt, progress } = end.report ?? {};
  const report = { startedAt, ...(endedAt !== undefined && { endedAt }), ...(progress && { progress }) };
  // A result alone has been checked.
  if (end.as === 'done') return { ...end, report: { ...report, result: end.report.result } };
  const message = `${end.error.message.slice(0, CLIPPED_MESSAGE)} (its worker left out what was too much to report)`;
  return { ...end, error: { type: end.error.type.slice(0, CLIPPED_MESSAGE), message }, report };
}

/** More than anything, for what is no JSON. */
function bytesOf(end: ItemEnd): number {
  try {
    return Buffer.byteLength(JSON.stringify(end));
  } catch {
    return Infinity;
  }
}
