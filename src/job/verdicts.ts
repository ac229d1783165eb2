/**
 * What a handler may throw in order to decide what becomes of its job. Known by a mark that no application's error bears: by a name,
 * an error of somebody else's library once ended jobs for good.
 */
import { LIMITS } from '../contract/limits.ts';

/** From the registry of symbols, so that a second copy of this module makes and knows the same. */
const MARK = Symbol.for('holdfast.verdict');

export type Verdict =
  | { readonly as: 'discard' }
  | {
      readonly as: 'retryLater';
      /** A whole number. @format milliseconds */
      readonly delayMs: number;
    };

class JobVerdict extends Error {
  readonly [MARK]: Verdict;

  constructor(name: string, verdict: Verdict, message: string) {
    super(message);
    this.name = name;
    this[MARK] = verdict;
  }
}

/** Thrown by work that no longer makes sense: the job ends at once, without a further attempt. */
export function discardJob(message: string): Error {
  return new JobVerdict('JobDiscarded', { as: 'discard' }, message);
}

/**
 * Thrown by work that cannot be done now: next attempt after `delayMs`. Counts as an attempt.
 * @param delayMs from 0 to ten years; rounded. @format milliseconds
 * @throws {TypeError} at the caller's line, when the delay is anything else
 */
export function retryLater(message: string, delayMs: number): Error {
  if (!isDelay(delayMs)) {
    const given = typeof delayMs === 'number' ? String(delayMs) : `a ${typeof delayMs}`;
    throw new TypeError(`retryLater takes a delay from 0 to ${LIMITS.delayMs} milliseconds, and was given ${given}`);
  }
  return new JobVerdict('JobRetryLater', { as: 'retryLater', delayMs: Math.round(delayMs) }, message);
}

/** What the handler decided, or `undefined` when it just failed. Never throws. */
export function verdictOf(thrown: unknown): Verdict | undefined {
  try {
    const verdict = (thrown as Partial<JobVerdict> | null | undefined)?.[MARK];
    if (verdict?.as === 'discard') return { as: 'discard' };
    // Of another version of this module, perhaps.
    if (verdict?.as === 'retryLater' && isDelay(verdict.delayMs))
      return { as: 'retryLater', delayMs: Math.round(verdict.delayMs) };
  } catch {
    // A proxy that throws is no verdict.
  }
  return undefined;
}

function isDelay(delayMs: unknown): delayMs is number {
  return typeof delayMs === 'number' && delayMs >= 0 && delayMs <= LIMITS.delayMs;
}
