/**
 * An action as a message asks for it, checked: it may come from Temporal's CLI, past the web's own checks. The workflow and the
 * web's fold of the history both read by this, so that neither makes an action that the other ignores.
 */
import { ApplicationFailure } from '@temporalio/common';
import { FAILURE } from '../contract/failures.ts';
import type { JobChanges, Action } from './job-events.ts';
import { isObject, problemWithField, quoted } from './field-checks.ts';
import { parseTime } from './job-record.ts';

/** @throws {ApplicationFailure} `JobActionInvalid`, naming what is not usable */
export function readAction(name: string, input?: unknown): Action {
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
      throw invalidAction(`${quoted(name)} is no action`);
  }
}

/** An action of every job of a group. @throws {ApplicationFailure} `JobActionInvalid` */
export function readActionOfAll(name: string, input?: unknown): Action {
  // Five hundred times the largest arguments are more than any history holds.
  if (name === 'edit') throw invalidAction('an edit is for one job: name its number');
  return readAction(name, input);
}

function invalidTime(text: unknown): ApplicationFailure {
  const asked = typeof text === 'string' ? quoted(text) : 'what was given';
  return invalidAction(`${asked} is not a time: use ISO 8601 with its zone, such as 2030-01-01T00:00:00Z`);
}

const EDITABLE: ReadonlySet<string> = new Set([
  'args',
  'queue',
  'maxAttempts',
  'retryDelaysMs',
  'timeoutMs',
] satisfies (keyof JobChanges)[]);

function checkChanges(changes: unknown): JobChanges {
  if (!isObject(changes)) throw invalidAction('an edit takes an object of changes');
  for (const [field, value] of Object.entries(changes)) {
    if (!isEditable(field))
      throw invalidAction(`${quoted(field)} cannot be edited; these can: ${[...EDITABLE].join(', ')}`);
    const problem = problemWithField(field, value, 0);
    if (problem !== undefined) throw invalidAction(problem);
  }
  return changes;
}

function isEditable(field: string): field is keyof JobChanges {
  return EDITABLE.has(field);
}

export function invalidAction(message: string): ApplicationFailure {
  return ApplicationFailure.create({ type: FAILURE.actionInvalid, message, nonRetryable: true });
}
