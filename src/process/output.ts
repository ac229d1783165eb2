/**
 * Standard output and error, to which a program may write whether or not anybody reads. A reader that is gone (`| head`), a terminal that was closed
 * and a full disk end no program; one that does not read (`| less`, Ctrl-S) stops none, and does not fill its memory.
 */

export interface Output {
  /** Never throws and never waits: what finds too much before it is dropped and counted. */
  write(text: string): void;
  /** Resolves when all that was taken is written or cannot be, or after `deadlineMs`. Before `process.exit`, which waits for nothing. @default 500 */
  flush(deadlineMs?: number): Promise<void>;
  /** Aborted when the reader has gone for good. A terminal that was closed does not count: it sends SIGHUP to those that shall end. */
  readonly closed: AbortSignal;
}

/** Characters that may wait for a reader. */
const MAX_WAITING = 1_048_576;
const READER_GONE = new Set(['EPIPE', 'ECONNRESET']);

/** @param tellLost called when the reader has caught up, with the number of writes that were dropped meanwhile */
export function openOutput(stream: NodeJS.WriteStream, tellLost: (dropped: number) => void): Output {
  const closed = new AbortController();
  let dropped = 0;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (READER_GONE.has(error.code ?? '')) closed.abort();
  });
  doNotBlock(stream);

  const resume = (): void => {
    const lost = dropped;
    dropped = 0;
    tellLost(lost);
  };
  return {
    write(text) {
      if (closed.signal.aborted) return;
      if (dropped === 0 && stream.writableLength < MAX_WAITING) stream.write(text);
      else if (dropped++ === 0) stream.once('drain', resume);
    },
    async flush(deadlineMs = 500) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const deadline = setTimeout(resolve, deadlineMs);
      stream.write('', () => resolve());
      await promise;
      clearTimeout(deadline);
    },
    closed: closed.signal,
  };
}

/** For programs that only print a few lines: they end as they would have, with nobody to read it. */
export function surviveLostOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

/** Node writes to terminals, alone of all that can stand still, so that the process waits; there is no public way to ask for the other. */
function doNotBlock(stream: NodeJS.WriteStream): void {
  if (!stream.isTTY) return;
  const { _handle: handle } = stream as { _handle?: { setBlocking?: (blocking: boolean) => number } };
  handle?.setBlocking?.(false);
}
