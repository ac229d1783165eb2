/**
 * A move as a message asks for it, checked: it may come from Temporal's CLI, past the web's own checks. The workflow and the
 * web's fold of the history both read by this, so that neither makes a move that the other ignores.
 */
import { ApplicationFailure } from '@temporalio/common';
import { FAILURE } from './failures.ts';
import type { JobChanges, Move } from './job-events.ts';
import { isObject, problemWithField, quoted } from './field-checks.ts';
import { parseTime } from './job-record.ts';

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
      throw invalidMove(`${quoted(name)} is no move`);
  }
}

/** A move of every job of a group. @throws {ApplicationFailure} `JobMoveInvalid` */
export function readMoveOfAll(name: string, input?: unknown): Move {
  // Five hundred times the largest arguments are more than any history holds.
  if (name === 'edit') throw invalidMove('an edit is for one job: name its number');
  return readMove(name, input);
}

function invalidTime(text: unknown): ApplicationFailure {
  const asked = typeof text === 'string' ? quoted(text) : 'what was given';
  return invalidMove(`${asked} is not a time: use ISO 8601 with its zone, such as 2030-01-01T00:00:00Z`);
}

const EDITABLE: ReadonlySet<string> = new Set([
  'args',
  'queue',
  'maxAttempts',
  'ladderMs',
] satisfies (keyof JobChanges)[]);

function checkChanges(changes: unknown): JobChanges {
  if (!isObject(changes)) throw invalidMove('an edit takes an object of changes');
  for (const [field, value] of Object.entries(changes)) {
    if (!isEditable(field))
      throw invalidMove(`${quoted(field)} cannot be edited; these can: ${[...EDITABLE].join(', ')}`);
    const problem = problemWithField(field, value, 0);
    if (problem !== undefined) throw invalidMove(problem);
  }
  return changes;
}

function isEditable(field: string): field is keyof JobChanges {
  return EDITABLE.has(field);
}

export function invalidMove(message: string): ApplicationFailure {
  return ApplicationFailure.create({ type: FAILURE.moveInvalid, message, nonRetryable: true });
}
