/** Reads `--queue` of bin/hard_worker. Every legal name can be served, whatever colons and digits it has: `=` is in none. */
import { QUEUE_NAME_PATTERN } from '../contract/queues.ts';

export interface ServedQueue {
  readonly name: string;
  /** @default that of `--concurrency` */
  readonly concurrency: number | undefined;
}

/** Thrown for a `--queue` that names no queue, could name two, or names one again. The message says what to write instead. */
export class QueueOptionError extends Error {
  override readonly name = 'QueueOptionError';
}

/**
 * `NAME=CONCURRENCY`, `NAME=` and `NAME` for any name that does not end in a colon and digits; `NAME:CONCURRENCY` for a name without
 * colons.
 * @param before the queues that earlier options named
 * @throws {QueueOptionError}
 */
export function addQueueOption(text: string, before: readonly ServedQueue[] = []): ServedQueue[] {
  const queue = readQueue(text);
  if (!QUEUE_NAME_PATTERN.test(queue.name))
    throw new QueueOptionError('A queue is named by 1–100 letters, digits, _ . : or -, and not "holdfast".');
  if (before.some(({ name }) => name === queue.name))
    throw new QueueOptionError(`The queue ${queue.name} is named twice: give it one --queue with one concurrency.`);
  return [...before, queue];
}

function readQueue(text: string): ServedQueue {
  const equals = text.indexOf('=');
  if (equals >= 0) return { name: text.slice(0, equals), concurrency: readConcurrency(text.slice(equals + 1)) };
  const { name, digits } = /^(?<name>.+):(?<digits>\d+)$/.exec(text)?.groups ?? {};
  if (name === undefined || digits === undefined) return { name: text, concurrency: undefined };
  if (name.includes(':'))
    throw new QueueOptionError(
      `${text} may be a queue's whole name, or the queue ${name} with a concurrency of ${digits}: write ${text}= or ${name}=${digits}.`,
    );
  return { name, concurrency: readConcurrency(digits) };
}

function readConcurrency(text: string): number | undefined {
  if (text === '') return undefined;
  const concurrency = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(concurrency) || concurrency < 1)
    throw new QueueOptionError('A concurrency is a whole number from 1.');
  return concurrency;
}
