/**
 * What a handler hands over becomes plain data at once, in the handler's own stack: all later readers have the copy, and an object
 * that the handler changes later changes nothing. Results, errors and progress of application code may be anything.
 */
import { ApplicationFailure } from '@temporalio/common';
import { msToNumber } from '@temporalio/common/lib/time.js';
import { BUDGETS } from '../contract/budgets.ts';
import { clip } from '../contract/clip.ts';
import { FAILURE } from '../contract/failures.ts';
import { LIMITS } from '../contract/limits.ts';
import { verdictOf } from '../job/verdicts.ts';
import { isObject, plainError, read, type PlainError } from './plain-error.ts';
import { parseJson, plainJson } from './plain-json.ts';

/** How an attempt ended: strings well-formed, sizes within budgets, safe for JSON, structured clone, protobuf and search attributes. */
export type PlainEnd =
  | {
      readonly as: 'done';
      /** What JSON keeps of it. */
      readonly result: unknown;
      /** Why the result was left out, which then is `null`. */
      readonly note?: string;
    }
  | {
      readonly as: 'failed';
      readonly error: PlainError;
      readonly retryable: boolean;
      /** Until the next attempt, instead of the next retry delay. A whole number. @format milliseconds */
      readonly delayMs?: number;
    }
  | { readonly as: 'discarded'; readonly error: PlainError }
  /** This process has no work of this kind. */
  | { readonly as: 'unknownKind' };

export interface PlainProgress {
  readonly done: number;
  readonly total: number;
  /** Absent when the handler gave none. */
  readonly checkpointJson?: string;
}

type Done = Extract<PlainEnd, { as: 'done' }>;
type Undone = Extract<PlainEnd, { as: 'failed' | 'discarded' }>;

/** The work is done, whatever it returned: what cannot be kept is left out, with a note. Never throws. @param limitBytes of its JSON */
export function plainResult(value: unknown, limitBytes: number): Done {
  if (value === undefined) return { as: 'done', result: null };
  const json = plainJson(value, limitBytes);
  if ('text' in json) return { as: 'done', result: parseJson(json.text) };
  const note = `the result was left out: it ${json.problem}; save it elsewhere and return where`;
  return { as: 'done', result: null, note: clip(note, BUDGETS.note) };
}

/** Never throws, whatever was thrown. */
export function plainFailure(thrown: unknown): Undone {
  try {
    return failureOf(thrown);
  } catch {
    // Nothing is known that gets here, and no attempt may be left without an end.
    return { as: 'failed', error: { type: 'Error', message: 'an error that cannot be read' }, retryable: true };
  }
}

function failureOf(thrown: unknown): Undone {
  const verdict = verdictOf(thrown);
  const { stack, ...error } = plainError(thrown);
  if (verdict?.as === 'discard') return { as: 'discarded', error: { ...error, type: FAILURE.discarded } };
  if (verdict) {
    const { delayMs } = verdict;
    return { as: 'failed', error: { ...error, type: FAILURE.retryLater }, retryable: true, delayMs };
  }
  const told = { ...error, ...(stack !== undefined && { stack }) };
  if (!isApplicationFailure(thrown)) return { as: 'failed', error: told, retryable: true };
  const type = read(thrown, 'type');
  const delayMs = delayOf(read(thrown, 'nextRetryDelay'));
  return {
    as: 'failed',
    error: { ...told, type: typeof type === 'string' && type !== '' ? clip(type, BUDGETS.errorType) : 'Error' },
    retryable: read(thrown, 'nonRetryable') !== true,
    ...(delayMs !== undefined && { delayMs }),
  };
}

/** Temporal's own, also of another copy of its package. */
function isApplicationFailure(thrown: unknown): thrown is object {
  try {
    return isObject(thrown) && thrown instanceof ApplicationFailure;
  } catch {
    return false;
  }
}

/** A number of milliseconds, or a text such as `5s`. @returns `undefined` for what is no duration: the usual delay then applies */
function delayOf(duration: unknown): number | undefined {
  if (typeof duration !== 'number' && typeof duration !== 'string') return undefined;
  try {
    const delayMs = msToNumber(duration as Parameters<typeof msToNumber>[0]);
    return delayMs >= 0 && delayMs < Infinity ? Math.min(Math.round(delayMs), LIMITS.delayMs) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param limitBytes of the checkpoint's JSON
 * @throws {TypeError} at the handler's own line: when `done` or `total` is no finite number, or the checkpoint is no JSON or too large
 */
export function plainProgress(
  done: unknown,
  total: unknown,
  checkpoint?: unknown,
  limitBytes: number = BUDGETS.checkpoint,
): PlainProgress {
  if (!isFiniteNumber(done) || !isFiniteNumber(total))
    throw new TypeError('progress takes two finite numbers: done and total');
  if (checkpoint === undefined) return { done, total };
  const json = plainJson(checkpoint, limitBytes);
  if ('problem' in json) throw new TypeError(`the checkpoint ${json.problem}`);
  return { done, total, checkpointJson: json.text };
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) < Infinity;
}
