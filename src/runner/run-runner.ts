/**
 * A runner: the process that runs handlers, and knows nothing of Temporal. Whatever a handler does to its process, it does not do to
 * the one that talks to Temporal: it may compute for a minute, leak, throw past everybody, or exit.
 */
import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { getHeapStatistics } from 'node:v8';
import type { Logger } from 'pino';
import type { Handlers } from '../activities/handler.ts';
import { leaveSignalsToParent } from '../process/stop-signals.ts';
import { lines } from './lines.ts';
import { FROM_WORKER_FD, TO_WORKER_FD, type FromRunner, type ToRunner } from './messages.ts';
import { Runner } from './runner.ts';
import { watchStrays } from './strays.ts';

// Taken before any handler runs, which may replace them for a moment.
const { parse, stringify } = JSON;

export interface RunnerOptions {
  readonly handlers: Handlers;
  /** Must never wait for its reader. */
  readonly log: Logger;
}

/** Runs until its worker closes the pipe, which it also does by dying. */
export function runRunner({ handlers, log }: RunnerOptions): void {
  leaveSignalsToParent();
  const runner = new Runner({ handlers, log, say });
  watchStrays((stray) => runner.sayStray(stray));
  process.on('exit', () => runner.leave());
  const fromWorker = new Socket({ fd: FROM_WORKER_FD, readable: true, writable: false });
  fromWorker.on(
    'data',
    lines((line) => runner.hear(parse(line) as ToRunner)),
  );
  // Nobody is left to run anything for, whatever handlers still do.
  fromWorker.on('close', () => process.exit(0));
  fromWorker.on('error', () => process.exit(0));
  say([['ready', Math.floor(getHeapStatistics().heap_size_limit / 1_048_576)]]);
}

/** Blocks until the worker has room for it: what is said is said, whatever becomes of this process next. */
function say(messages: readonly FromRunner[]): void {
  const bytes = Buffer.from(`${stringify(messages)}\n`);
  try {
    for (let written = 0; written < bytes.length;) written += writeSync(TO_WORKER_FD, bytes, written);
  } catch {
    // The worker is gone, or a handler has closed what is ours: either way nobody hears of what runs here.
    process.exit(1);
  }
}
