/**
 * What was sent as a report: by a worker of any version, or by a person who completed an attempt with Temporal's own tools. What is not
 * usable of it is left out.
 */
import type { ChunkReport, DoneItem, ItemEnd } from './group/chunks.ts';
import { isObject, isWholeNumber } from './field-checks.ts';
import { isTime } from '../contract/iso-time.ts';
import type { AttemptReport, AttemptSuccess } from './job.ts';
import type { AttemptEnd } from './job-events.ts';
import { isEvidence, isJobError, isNotHere, isProgress } from './record-checks.ts';

/** @returns `undefined` for what is no report */
export function readReport(sent: unknown): AttemptReport | undefined {
  if (!isObject(sent) || typeof sent['worker'] !== 'string' || !isTime(sent['startedAt'])) return undefined;
  return usableParts(sent) as Readonly<Record<string, unknown>> & AttemptReport;
}

/**
 * Of an attempt that ended well. What is no report is the result itself: so a person gives it who completes an attempt.
 * @param at when that was heard of. @format milliseconds since 1970
 */
export function readSuccess(sent: unknown, at: number): AttemptSuccess {
  const report = readReport(sent) as AttemptSuccess | undefined;
  return report ?? { startedAt: at, worker: 'unknown', result: sent ?? null };
}

function usableParts(report: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const wrong = Object.keys(PARTS).filter((part) => report[part] !== undefined && !PARTS[part]?.(report[part]));
  if (wrong.length === 0) return report;
  return { ...report, ...Object.fromEntries(wrong.map((part) => [part, undefined])) };
}

const PARTS: Readonly<Record<string, (value: unknown) => boolean>> = {
  endedAt: isTime,
  progress: isProgress,
  stray: (value) => typeof value === 'string',
  note: (value) => typeof value === 'string',
};

/** One that would be due beyond the calendar is none. */
function isDelay(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && isTime(value);
}

/** Numbers of jobs, as lists of them are sent. */
export function readNumbers(sent: unknown): number[] {
  return listOf(sent).filter(isNumber);
}

export function readDone(sent: unknown, chunkStartedAt: number): DoneItem[] {
  return listOf(sent).filter((done): done is DoneItem => isDone(done, chunkStartedAt));
}

export function readEnds(sent: unknown): ItemEnd[] {
  return listOf(sent).flatMap((end) => readEnd(end) ?? []);
}

type Begun = ChunkReport['begun'][number];

export function readBegun(sent: unknown): Begun[] {
  return listOf(sent).flatMap((begun) =>
    isObject(begun) && isNumber(begun['item']) && isTime(begun['startedAt'])
      ? (usableParts(begun) as unknown as Begun)
      : [],
  );
}

function listOf(sent: unknown): readonly unknown[] {
  return Array.isArray(sent) ? sent : [];
}

function isNumber(value: unknown): value is number {
  return isWholeNumber(value, 0, Number.MAX_SAFE_INTEGER);
}

function isDone(value: unknown, chunkStartedAt: number): value is DoneItem {
  if (!Array.isArray(value) || !isNumber(value[0])) return false;
  const startedAt = chunkStartedAt + Number(value[1]);
  return isTime(startedAt) && isTime(startedAt + Number(value[2]));
}

/** An end counts with as much as it says: without one, the job would run again. */
function readEnd(sent: unknown): ItemEnd | undefined {
  if (!isObject(sent) || !isNumber(sent['item'])) return undefined;
  const { item, report: said, error } = sent;
  const report = isObject(said) && isTime(said['startedAt']) ? { report: usableParts(said) } : undefined;
  if (sent['as'] === 'done') return report && ({ item, as: 'done', ...report } as unknown as ItemEnd);
  const fate = readFate(sent);
  if (fate?.as === 'returned') return { item, ...fate };
  return fate && isJobError(error) ? ({ item, ...fate, error, ...report } as unknown as ItemEnd) : undefined;
}

/** What an end that is not a good one says besides its error and its report. */
export type Fate = {
  readonly [E in Exclude<AttemptEnd, { as: 'done' }> as E['as']]: Omit<E, 'error' | 'report'>;
}[Exclude<AttemptEnd['as'], 'done'>];

/** @returns `undefined` for what is none of ours */
export function readFate(sent: unknown): Fate | undefined {
  if (!isObject(sent)) return undefined;
  const { as, delayMs, evidence, isSuspect, notHere, retryable } = sent;
  switch (as) {
    case 'failed':
      return { as, retryable: retryable !== false, ...(isDelay(delayMs) && { delayMs }) };
    case 'crashed':
      return { as, evidence: isEvidence(evidence) ? evidence : 'none', ...(isSuspect === true && { isSuspect }) };
    case 'returned':
      return {
        as,
        delayMs: isDelay(delayMs) ? delayMs : 0,
        ...(isNotHere(notHere) && { notHere: { why: notHere.why, worker: notHere.worker } }),
      };
    case 'discarded':
    case 'interrupted':
    case 'cancelled':
      return { as };
    default:
      return undefined;
  }
}
