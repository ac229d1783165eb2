/**
 * What a worker and its runners tell each other: lines of JSON, over two pipes of their own. Node's channel between parent and child
 * would be open to application code (`process.send`, `process.disconnect`).
 */
import type { AbortReason as OwnersReason } from '../activities/runners.ts';
import type { AttemptInput } from '../job/job.ts';
import type { JobRequest } from '../job/job-request.ts';
import type { PlainEnd } from './plain-values.ts';

/** File descriptors of a runner. */
export const FROM_WORKER_FD = 3;
export const TO_WORKER_FD = 4;

/** An attempt on its way to a handler. */
export interface Task {
  /** Each handing over has its own, so that a late word on one that another runner has got since is ignored. */
  readonly id: number;
  readonly input: AttemptInput;
}

export type AbortReason = OwnersReason | 'timedOut';

export interface ToRunner {
  readonly begin?: readonly Task[];
  readonly abort?: readonly (readonly [id: number, why: AbortReason])[];
  /** What became of jobs that attempts enqueue, by the number of the call. */
  readonly enqueued?: readonly (readonly [id: number, call: number, answer: EnqueueAnswer])[];
  /** Nothing runs here any more: clean up and leave. */
  readonly leave?: true;
  /** Of this machine's monotonic clock, which all its processes share. @format milliseconds */
  readonly sentAt: number;
}

export type EnqueueAnswer =
  | { readonly id: string; readonly created: boolean }
  | { readonly refused: { readonly name: string; readonly message: string } };

/** What a worker has to know of a kind in order to place its attempts. */
export interface KindTraits {
  readonly queue: string;
  readonly isolated?: true;
  /** @format milliseconds */
  readonly maxBusyMs?: number;
}

export type FromRunner =
  /** The configuration is loaded, and its `setup` is through. `heapMb`: what this process may have of memory. */
  | readonly ['ready', heapMb: number, kinds: Readonly<Record<string, KindTraits>>]
  /** It has heard that it is to leave, and cleans up. */
  | readonly ['leaving']
  /** An attempt enqueues a job. */
  | readonly ['enqueue', id: number, call: number, key: string, request: JobRequest]
  /** Written before the handler's first line, at once: it is the evidence of what ran in a process that died. */
  | readonly ['begun', ...ids: number[]]
  /** `aborted`: why it had been asked to end, if it had. */
  | readonly ['ended', id: number, end: PlainEnd, aborted?: AbortReason]
  /** The checkpoint is JSON, which the worker reads only when it has to. */
  | readonly ['progress', id: number, done: number, total: number, checkpointJson?: string]
  /** It lay unread for too long, and another runner may have it by now, so it did not begin. */
  | readonly ['stale', id: number]
  /** The loop turns. */
  | readonly ['alive']
  /** An error that no handler caught. `id`: the attempt it seems to come from. `isFatal`: the process can no longer be trusted. */
  | readonly ['stray', stray: Stray]
  /** The process is about to leave; `id`: the attempt that seems to have asked for it. */
  | readonly ['exiting', id: number | null];

export interface Stray {
  readonly id?: number;
  readonly jobId?: string;
  readonly kind?: string;
  readonly isFatal: boolean;
  readonly text: string;
}

/** A runner exits with it when the configuration is not usable: to start another would change nothing. */
export const UNUSABLE_CONFIG = 78;

/** Unread for so long, an attempt does not begin any more. @format milliseconds */
export const STALE_AFTER_MS = 1_000;
/** How often a runner with work says that its loop turns. @format milliseconds */
export const ALIVE_EVERY_MS = 250;

/** Of the machine, not of the process. @format milliseconds */
export function machineTime(): number {
  return Number(hrtime() / 1_000n) / 1_000;
}

// Taken before any handler runs: fake timers replace it.
const hrtime = process.hrtime.bigint.bind(process.hrtime);
