/**
 * A move as a message asks for it, checked: it may come from Temporal's CLI, past the web's own checks. The workflow and the
 * web's fold of the history both read by this, so that neither makes a move that the other ignores.
 */
import { ApplicationFailure } from '@temporalio/common';
import { FAILURE } from './failures.ts';
import type { JobChanges, Move } from './job-events.ts';
import { parseTime } from './job-record.ts';
import { LIMITS } from './limits.ts';
import { QUEUE_NAME_PATTERN } from './queues.ts';

/** @throws {ApplicationFailure} `JobMoveInvalid`, naming what is not usable */
export function readMove(name: string, input?: unknown): Move {
  switch (name) {
    case 'reschedule': {
      const dueAt = typeof input === 'string' ? parseTime(input) : undefined;
      if (dueAt === undefined) throw invalidTime(input);
      return { type: name, dueAt };
    }
    case 'edit':
      return { type: name, changes: checkChanges(input) };
    case 'runNow':
    case 'pause':
    case 'resume':
    case 'retry':
    case 'discard':
      return { type: name };
    default:
      throw invalid(`${name} is no move`);
  }
}

export function invalidTime(text: unknown): ApplicationFailure {
  return invalid(`${JSON.stringify(text)} is not a time: use ISO 8601 with its zone, such as 2030-01-01T00:00:00Z`);
}

const CHECKS: Readonly<Record<keyof JobChanges, (value: unknown) => boolean>> = {
  args: (value) => typeof value === 'object' && value !== null,
  queue: (value) => typeof value === 'string' && QUEUE_NAME_PATTERN.test(value),
  maxAttempts: (value) => isWholeNumber(value, 1, LIMITS.maxAttempts),
  ladderMs: (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= LIMITS.ladderRungs &&
    value.every((delay) => isWholeNumber(delay, 0, LIMITS.delayMs)),
};

function checkChanges(changes: unknown): JobChanges {
  if (typeof changes !== 'object' || changes === null) throw invalid('an edit takes an object of changes');
  for (const [field, value] of Object.entries(changes)) {
    if (!isField(field)) throw invalid(`${field} cannot be edited; these can: ${Object.keys(CHECKS).join(', ')}`);
    if (!CHECKS[field](value)) throw invalid(`${field} is not usable`);
  }
  return changes;
}

function isField(field: string): field is keyof JobChanges {
  return Object.hasOwn(CHECKS, field);
}

function isWholeNumber(value: unknown, min: number, max: number): boolean {
  return Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
}

function invalid(message: string): ApplicationFailure {
  return ApplicationFailure.create({ type: FAILURE.moveInvalid, message, nonRetryable: true });
}
