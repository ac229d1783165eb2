/**
 * Lines on their way to Temporal: in slices, of which two are under way, so that memory is bounded and Temporal never waits for us.
 * A slice goes as soon as there is room for it, with whatever has come in: small while lines trickle, full under load.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Line } from './read-lines.ts';

const SLICES_UNDER_WAY = 2;
const SLICE_LINES = 2_000;
/** Lines may be long. @format bytes */
const SLICE_BYTES = 4 * 1024 * 1024;

interface StartBulkSignals {
  /** The caller has gone: nothing more is started, and nothing answered. */
  readonly gone: AbortSignal;
  /** Nothing more is started; what is under way is answered. */
  readonly enough: AbortSignal;
}

/**
 * Yields the answers of a slice at a time, in the order of the lines.
 *
 * @param start must not reject
 * @returns the first line that was not started, if it had enough before the last
 */
export async function* startBulk<Answers>(
  lines: AsyncIterator<readonly Line[], unknown>,
  start: (slice: readonly Line[]) => Promise<Answers>,
  { gone, enough }: StartBulkSignals,
): AsyncGenerator<Answers, Line | undefined> {
  const waiting = new WaitingLines();
  const underWay: Promise<{ readonly answers: Answers }>[] = [];
  let reading: ReturnType<typeof lines.next> | undefined = lines.next();
  while (!gone.aborted) {
    while (!enough.aborted && underWay.length < SLICES_UNDER_WAY && !waiting.isEmpty) {
      const { isFull } = waiting;
      underWay.push(start(waiting.takeSlice()).then((answers) => ({ answers })));
      // Else thousands of lines that have come in together, and are all refused, would hold up everybody else. Not after small slices,
      // such as the last line of a body often is: jobs that start within one turn share a workflow.
      if (isFull) await nextTurn();
      if (gone.aborted) return undefined;
    }
    const isWanted = enough.aborted ? waiting.isEmpty : !waiting.isFull;
    const steps = [...(reading && isWanted ? [reading] : []), ...underWay.slice(0, 1)];
    if (steps.length === 0) return waiting.first;
    const next = await Promise.race(steps);
    if ('answers' in next) {
      void underWay.shift();
      yield next.answers;
    } else if (next.done) {
      reading = undefined;
    } else {
      waiting.add(next.value);
      reading = lines.next();
    }
  }
  return undefined;
}

class WaitingLines {
  #lines: Line[] = [];
  #bytes = 0;

  get first(): Line | undefined {
    return this.#lines[0];
  }

  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }

  /** Enough for a slice. */
  get isFull(): boolean {
    return this.#lines.length >= SLICE_LINES || this.#bytes >= SLICE_BYTES;
  }

  add(lines: readonly Line[]): void {
    for (const line of lines) {
      this.#lines.push(line);
      this.#bytes += line.bytes;
    }
  }

  takeSlice(): Line[] {
    let bytes = 0;
    let size = 0;
    for (const line of this.#lines) {
      if (size > 0 && (size === SLICE_LINES || bytes + line.bytes > SLICE_BYTES)) break;
      bytes += line.bytes;
      size += 1;
    }
    this.#bytes -= bytes;
    return this.#lines.splice(0, size);
  }
}
