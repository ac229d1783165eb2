/** Checks what an edit asks for, since it may come from the CLI, past the web's own checks. */
import { ApplicationFailure } from '@temporalio/workflow';
import { FAILURE } from '../../contract/failures.ts';
import type { JobChanges } from '../../contract/job-events.ts';
import { LIMITS } from '../../contract/limits.ts';
import { QUEUE_NAME_PATTERN } from '../../contract/queues.ts';

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

/** @throws {ApplicationFailure} `JobMoveInvalid`, naming the field */
export function checkChanges(changes: JobChanges): JobChanges {
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
