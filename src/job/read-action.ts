/**
 * An action as a message asks for it, checked: it may come from Temporal's CLI, past the web's own checks. The workflow and the
 * web's fold of the history both read by this, so that neither makes an action that the other ignores.
 */
import { ApplicationFailure } from '@temporalio/common';
import { FAILURE } from '../contract/failures.ts';
import { BUDGETS } from '../contract/budgets.ts';
import { clip } from '../contract/clip.ts';
import type { ActionMessage } from '../contract/messages.ts';
import { ACTIONS, isAction, isGroupAction, isSimple, type ActionName } from './actions.ts';
import type { Action, JobChanges } from './job-events.ts';
import { isObject, problemWithField, quoted } from './field-checks.ts';
import { parseTime } from './job-record.ts';

/** Why a reschedule is refused: see `isTooFarAway`. */
export const TOO_FAR_AWAY = 'a job can be due within ten years';

/** @throws {ApplicationFailure} `JobActionInvalid`, naming what is not usable */
export function readAction(name: string, message: unknown): Action {
  if (!isAction(name)) throw invalidAction(`${quoted(name)} is no action`);
  const said = readMessage(name, message);
  const by = typeof said.actor === 'string' ? { by: clip(said.actor, BUDGETS.actor) } : undefined;
  if (isSimple(name)) return { type: name, ...by };
  if (name === 'edit') return { type: name, changes: checkChanges(said.changes), ...by };
  const dueAt = typeof said.dueAt === 'string' ? parseTime(said.dueAt) : undefined;
  if (dueAt === undefined) throw invalidTime(said.dueAt);
  return { type: name, dueAt, ...by };
}

/** An action of every job of a group. @throws {ApplicationFailure} `JobActionInvalid` */
export function readActionOfAll(name: string, message: unknown): Action {
  const action = readAction(name, message);
  if (action.type === 'cancel') throw invalidAction('a whole group is cancelled by Temporal’s request');
  if (!isGroupAction(action.type))
    throw invalidAction(`${action.type} is for one job: name its number after what it takes`);
  return action;
}

/** Temporal's tools leave out what is empty. */
function readMessage(name: ActionName, message: unknown): Readonly<Record<keyof ActionMessage, unknown>> {
  if (message === undefined || message === null) return NOTHING;
  if (!isObject(message)) throw invalidAction(`${name} takes an object, with ${INPUT_OF[ACTIONS[name].input]}`);
  return { ...NOTHING, ...message };
}

const NOTHING = { dueAt: undefined, changes: undefined, actor: undefined, needs: undefined };

const INPUT_OF = { nothing: 'nothing or actor', dueAt: 'dueAt', changes: 'changes' } as const;

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
