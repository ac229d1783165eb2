/**
 * Chunks: the jobs of a group that are due together and go to a worker as one activity. What a worker says of a chunk is of one
 * form, in heartbeats, in the signal while it still runs, and in its result.
 */
import { itemId } from './groups.ts';
import type { AttemptEnd } from '../job-events.ts';
import type { AttemptInput, AttemptReport, AttemptSuccess, Progress } from '../job.ts';

/** One job of a chunk: what its attempt is told, without what it has in common with the chunk. A group's histories are written to a disk. */
export interface ChunkItem {
  /** Its number in the group. */
  readonly item: number;
  readonly args: AttemptInput['args'];
  /** @default the chunk's */
  readonly kind?: string;
  /** @default the chunk's. @format milliseconds */
  readonly timeoutMs?: number;
  /** Of the attempt. @default 1 */
  readonly number?: number;
  /** @default the chunk's. @format milliseconds since 1970 */
  readonly dueAt?: number;
  readonly checkpoint?: unknown;
  readonly ranSince?: number;
  /** @default false */
  readonly isSuspect?: boolean;
}

/** Input of the activity `runChunk`. */
export interface ChunkInput {
  readonly groupId: string;
  readonly queue: string;
  readonly kind: string;
  /** By the server's clock. @format milliseconds since 1970 */
  readonly dueAt: number;
  /** @format milliseconds */
  readonly timeoutMs: number;
  readonly items: readonly ChunkItem[];
}

export function attemptOf(chunk: ChunkInput, item: ChunkItem): AttemptInput {
  const { args, kind, timeoutMs, number, dueAt, checkpoint, ranSince, isSuspect } = item;
  return {
    jobId: itemId(chunk.groupId, item.item),
    kind: kind ?? chunk.kind,
    queue: chunk.queue,
    timeoutMs: timeoutMs ?? chunk.timeoutMs,
    travels: 'inGroups',
    number: number ?? 1,
    dueAt: dueAt ?? chunk.dueAt,
    args,
    checkpoint,
    ...(ranSince !== undefined && { ranSince }),
    ...(isSuspect && { isSuspect }),
  };
}

type WithoutWorker<E> = E extends { readonly as: 'returned' }
  ? E
  : E extends { readonly report: infer R }
    ? Omit<E, 'report'> & { readonly report: Omit<R, 'worker'> }
    : E extends { readonly report?: AttemptReport }
      ? Omit<E, 'report'> & { readonly report?: Omit<AttemptReport, 'worker'> }
      : never;

/** How the attempt of one item ended. The worker is the chunk's. */
export type ItemEnd = { readonly item: number } & WithoutWorker<AttemptEnd>;

/** Most jobs have no more to say than this, so it is short. The start is told from the report's own, both in milliseconds. */
export type DoneItem = readonly [item: number, startedAfter: number, took: number, result: unknown];

export interface ChunkReport {
  /** @format milliseconds since 1970 */
  readonly startedAt: number;
  /** Identity of the worker process. */
  readonly worker: string;
  /** Jobs that are done, as far as no earlier report has said so. */
  readonly done: readonly DoneItem[];
  /** Jobs whose attempt ended otherwise, or with more to say, as far as no earlier report has said so. */
  readonly ended: readonly ItemEnd[];
  /** Jobs whose attempt runs. */
  readonly begun: readonly {
    readonly item: number;
    readonly startedAt: number;
    readonly progress?: Progress;
    readonly stray?: string;
  }[];
  /** Jobs that the worker gives back before it began with them, as far as no earlier report has said so. */
  readonly returned: readonly number[];
}

/** What a chunk tells its group while it still runs: some of its jobs are through, or not for this worker. */
export interface ChunkProgress {
  readonly chunk: string;
  readonly report: ChunkReport;
}

/** What a group asks of a chunk that it has called back: which of the begun attempts are to stop. */
export interface ChunkCancellations {
  readonly abort: readonly number[];
}

export function attemptEndOf({ item: _item, ...end }: ItemEnd, worker: string): AttemptEnd {
  return (end.report ? { ...end, report: { ...end.report, worker } } : end) as AttemptEnd;
}

export function itemEndOf(item: number, end: AttemptEnd): ItemEnd {
  if (!end.report) return { item, ...end };
  const { worker: _worker, ...report } = end.report;
  return { item, ...end, report } as ItemEnd;
}

/** Splits ends into those that fit a short form and the others. */
export function shortened(ends: readonly ItemEnd[], chunkStartedAt: number): Pick<ChunkReport, 'done' | 'ended'> {
  const done: DoneItem[] = [];
  const ended: ItemEnd[] = [];
  for (const end of ends) {
    const { report } = end;
    if (end.as !== 'done' || report?.endedAt === undefined || hasMoreToSay(report)) ended.push(end);
    else done.push([end.item, report.startedAt - chunkStartedAt, report.endedAt - report.startedAt, end.report.result]);
  }
  return { done, ended };
}

function hasMoreToSay({ progress, checkpoint, stray, note }: Partial<AttemptSuccess>): boolean {
  return progress !== undefined || checkpoint !== undefined || stray !== undefined || note !== undefined;
}

export function endOfDone([, startedAfter, took, result]: DoneItem, { startedAt, worker }: ChunkReport): AttemptEnd {
  const attemptStartedAt = startedAt + startedAfter;
  // A result of this item's kind: it was checked when it was made.
  const report = { startedAt: attemptStartedAt, endedAt: attemptStartedAt + took, worker, result } as AttemptSuccess;
  return { as: 'done', report };
}
