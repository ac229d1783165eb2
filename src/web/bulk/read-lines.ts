/**
 * A body as lines, with their numbers. By hand, since the line that is too long matters here: `split2` drops it without a word, so
 * every line after it would be numbered wrongly, and Node's `readline` would keep all of it in memory.
 */
import { Problem } from '../errors.ts';
import { decodeUtf8 } from '../utf8.ts';

/** One that cannot be read is known by its problem. */
export type Line = {
  /** Counts every line, blank ones included, from 1. */
  readonly number: number;
  readonly bytes: number;
} & ({ readonly text: string } | { readonly problem: Problem });

interface LineLimits {
  /** Blank ones included. */
  readonly lines: number;
  /** @format bytes */
  readonly lineBytes: number;
  /** @format bytes */
  readonly bodyBytes: number;
}

const LINE_FEED = 0x0a;

/** Those that came in together, together. Blank ones are left out. Where the body breaks off or goes on for too long, that line is the last. */
export async function* readLines(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { lines: most, lineBytes, bodyBytes }: LineLimits,
): AsyncGenerator<readonly Line[]> {
  const splitter = new LineSplitter(lineBytes);
  const tooMany = new Problem('body-too-large', `A body has at most ${most} lines: make it several.`);
  let left = bodyBytes;
  try {
    for await (const chunk of body) {
      const lines = splitter.take(Buffer.from(chunk.buffer, chunk.byteOffset, Math.min(chunk.byteLength, left)));
      if (splitter.complete > most) return yield* upTo(most, lines, tooMany);
      if (lines.length > 0) yield lines;
      left -= chunk.byteLength;
      if (left < 0)
        return yield [splitter.breakOff('body-too-large', `A body has at most ${bodyBytes} bytes: make it several.`)];
    }
  } catch {
    return yield [splitter.breakOff('malformed-body', 'The body broke off in this line.')];
  }
  yield* upTo(most, splitter.end(), tooMany);
}

/** In place of the first line beyond, the problem that there are more. */
function* upTo(most: number, lines: readonly Line[], tooMany: Problem): Generator<readonly Line[]> {
  const within = lines.filter(({ number }) => number <= most);
  if (within.length > 0) yield within;
  if (within.length < lines.length) yield [{ number: most + 1, bytes: 0, problem: tooMany }];
}

class LineSplitter {
  readonly #lineBytes: number;
  /** Of a line that is not complete. */
  #parts: Buffer[] = [];
  #bytes = 0;
  #complete = 0;

  constructor(lineBytes: number) {
    this.#lineBytes = lineBytes;
  }

  /** Lines so far, blank ones included. */
  get complete(): number {
    return this.#complete;
  }

  take(chunk: Buffer): Line[] {
    const lines: Line[] = [];
    let from = 0;
    for (let to = chunk.indexOf(LINE_FEED); to !== -1; to = chunk.indexOf(LINE_FEED, from)) {
      lines.push(...this.#finish(chunk.subarray(from, to)));
      from = to + 1;
    }
    this.#keep(chunk.subarray(from));
    return lines;
  }

  /** What stands behind the last line feed. */
  end(): Line[] {
    return this.#finish(Buffer.alloc(0));
  }

  breakOff(kind: 'body-too-large' | 'malformed-body', message: string): Line {
    return { number: this.#complete + 1, bytes: this.#bytes, problem: new Problem(kind, message) };
  }

  /** @returns nothing for a blank one */
  #finish(end: Buffer): [] | [Line] {
    this.#complete += 1;
    this.#keep(end);
    const [number, bytes, parts] = [this.#complete, this.#bytes, this.#parts];
    [this.#bytes, this.#parts] = [0, []];
    if (bytes > this.#lineBytes) {
      const message = `It has ${bytes} bytes, and ${this.#lineBytes} are possible.`;
      return [{ number, bytes, problem: new Problem('job-too-large', message) }];
    }
    const text = decodeUtf8(parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts));
    if (text === undefined) return [{ number, bytes, problem: new Problem('malformed-body', 'It is not UTF-8.') }];
    return /\S/.test(text) ? [{ number, bytes, text }] : [];
  }

  /** Of a line that is too long already, only how long it is. */
  #keep(part: Buffer): void {
    if (part.length === 0) return;
    this.#bytes += part.length;
    if (this.#bytes <= this.#lineBytes) this.#parts.push(part);
    else this.#parts = [];
  }
}
