/**
 * What each part of a job may be, in one table: starts and edits are read by it, wherever they come from, and a test holds the schemas
 * of requests to it. Deterministic and without zod, since workflows run it.
 */
import { BUDGETS } from '../contract/budgets.ts';
import { utf8Bytes } from '../contract/clip.ts';
import type { JobInput } from './job-record.ts';
import type { JobOptions } from './job-options.ts';
import { parseTime } from './job-record.ts';
import { LIMITS } from '../contract/limits.ts';
import { isDeeperThan } from '../contract/nesting.ts';
import { LAST_PRIORITY, QUEUE_NAME_PATTERN } from '../contract/queues.ts';

interface FieldCheck {
  /** @param now milliseconds since 1970 */
  readonly isUsable: (value: unknown, now: number) => boolean;
  /** What it has to be, as the end of a sentence. */
  readonly mustBe: string;
}

export type Field = Exclude<keyof JobInput, 'record'>;

export const FIELD_CHECKS: Readonly<Record<Field, FieldCheck>> = {
  args: {
    isUsable: (value) => isObject(value) && fitsJson(value, BUDGETS.arguments),
    mustBe: `an object of at most ${BUDGETS.arguments} bytes as JSON, nested at most ${LIMITS.nesting} deep`,
  },
  queue: {
    isUsable: (value) => typeof value === 'string' && QUEUE_NAME_PATTERN.test(value),
    mustBe: '1–100 letters, digits, _ . : or -, and not "holdfast"',
  },
  dueAt: {
    isUsable: (value, now) => {
      const time = typeof value === 'string' ? parseTime(value) : undefined;
      return time !== undefined && !isTooFarAway(time, now);
    },
    mustBe: 'an ISO 8601 date and time with its zone, such as 2030-01-01T00:00:00Z, within ten years',
  },
  delayMs: {
    isUsable: (value) => isWholeNumber(value, 0, LIMITS.delayMs),
    mustBe: 'a whole number of milliseconds from 0, within ten years',
  },
  maxAttempts: {
    isUsable: (value) => isWholeNumber(value, 1, LIMITS.maxAttempts),
    mustBe: `a whole number from 1 to ${LIMITS.maxAttempts}`,
  },
  priority: {
    isUsable: isPriority,
    mustBe: 'a whole number from 1, which goes first, to 5',
  },
  retryDelaysMs: {
    isUsable: (value) =>
      Array.isArray(value) &&
      value.length > 0 &&
      value.length <= LIMITS.retryDelays &&
      value.every((delay) => isWholeNumber(delay, 0, LIMITS.delayMs)),
    mustBe: `a list of 1–${LIMITS.retryDelays} whole numbers of milliseconds, each within ten years`,
  },
  timeoutMs: {
    isUsable: (value) => isWholeNumber(value, 1, LIMITS.timeoutMs),
    mustBe: 'a whole number of milliseconds from 1, 30 days at most',
  },
  travels: {
    isUsable: (value) => TRAVELS.includes(value),
    mustBe: '"inGroups" or "alone"',
  },
};

const TRAVELS: readonly unknown[] = ['inGroups', 'alone'] satisfies JobOptions['travels'][];

export function isPriority(value: unknown): value is number {
  return isWholeNumber(value, 1, LAST_PRIORITY);
}

export function isTooFarAway(time: number, now: number): boolean {
  return time - now > LIMITS.delayMs;
}

/** @returns what is wrong with it, or `undefined` */
export function problemWithField(field: Field, value: unknown, now: number): string | undefined {
  const { isUsable, mustBe } = FIELD_CHECKS[field];
  if (isUsable(value, now)) return undefined;
  return value === undefined
    ? `${field} is missing: it must be ${mustBe}`
    : `${field} is not usable: it must be ${mustBe}`;
}

/** A JSON object: neither a list, nor bytes, nor nothing. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

export function isWholeNumber(value: unknown, min: number, max: number): value is number {
  return Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
}

/** The name of a field that somebody made up, fit for a message. */
export function quoted(field: string): string {
  return JSON.stringify(field.slice(0, 100));
}

function fitsJson(value: unknown, most: number): boolean {
  const text = jsonOf(value);
  if (text === undefined) return false;
  // No character takes more than three bytes for each of its units; few arguments are so large that they have to be encoded to see.
  if (text.length * 3 > most && utf8Bytes(text) > most) return false;
  // Each level takes two brackets.
  return text.length <= 2 * LIMITS.nesting || !isDeeperThan(LIMITS.nesting, value);
}

/** @returns `undefined` for what is nested so deeply that no stack is high enough */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
