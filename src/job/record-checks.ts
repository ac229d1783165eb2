/** What a run hands on to the next one, checked like a start, which anybody can make up: each part is what the fold and the view take. */
import { isObject, isPriority, isWholeNumber } from './field-checks.ts';
import { isTime } from '../contract/iso-time.ts';
import type { Blame } from './blame.ts';
import type { AttemptOutcome, GivenBack, JobErrorView, LossEvidence, Progress } from './job.ts';
import type { NotHere } from './job-events.ts';
import { isAction } from './actions.ts';
import type { ActionRecord, AttemptRecord, JobRecord } from './job-record.ts';

type Check = (value: unknown) => boolean;

const ATTEMPT: Readonly<Record<keyof AttemptRecord, Check>> = {
  number: isCount,
  queuedAt: isTime,
  startedAt: optional(isTime),
  endedAt: optional(isTime),
  outcome: optional(isOutcome),
  worker: optional(isText),
  error: optional(isJobError),
  evidence: optional(isEvidence),
  stray: optional(isText),
};

const BLAME: Readonly<Record<keyof Blame, Check>> = {
  deaths: isCount,
  alone: isCount,
  isSuspect: isFlag,
  lastAt: isTime,
  reached: optional(Number.isFinite),
  checkpoints: (value) => Array.isArray(value) && value.every(isCount),
};

const ACTION: Readonly<Record<keyof ActionRecord, Check>> = {
  type: (value) => isText(value) && isAction(value),
  at: isTime,
  by: optional(isText),
};

const GIVEN_BACK: Readonly<Record<keyof GivenBack, Check>> = {
  why: isWhyNotHere,
  times: isCount,
  worker: isText,
};

/** Arguments may be missing, where the input has them. */
const RECORD: Readonly<Record<Exclude<keyof JobRecord, 'args'>, Check>> = {
  id: isText,
  kind: isText,
  queue: isText,
  priority: optional(isPriority),
  maxAttempts: isCount,
  retryDelaysMs: (value) =>
    Array.isArray(value) && value.every((delay) => isWholeNumber(delay, 0, Number.MAX_SAFE_INTEGER)),
  timeoutMs: isCount,
  travels: oneOf('inGroups', 'alone'),
  createdAt: isTime,
  dueAt: isTime,
  phase: oneOf('waiting', 'attempting', 'dead', 'ended'),
  paused: isFlag,
  cancelRequested: isFlag,
  withdrawn: isFlag,
  spent: isCount,
  crashes: isCount,
  crashesForgiven: optional(isCount),
  blame: optional((value) => failing(BLAME, value) === undefined),
  unexplainedDeaths: optional(isCount),
  givenBack: optional((value) => failing(GIVEN_BACK, value) === undefined),
  lastNumber: isCount,
  attempts: (value) => Array.isArray(value) && value.every((attempt) => failing(ATTEMPT, attempt) === undefined),
  actions: optional((value) => Array.isArray(value) && value.every((action) => failing(ACTION, action) === undefined)),
  progress: optional(isProgress),
  checkpoint: isAnything,
  result: isAnything,
  note: optional(isText),
  error: optional(isJobError),
  deadSince: optional(isTime),
  endedAt: optional(isTime),
  endedAs: optional(oneOf('done', 'discarded', 'cancelled', 'dead')),
};

/** @returns what is wrong with it, or `undefined` */
export function problemWithRecord(record: unknown): string | undefined {
  const field = failing(RECORD, record);
  if (field === undefined) return undefined;
  return `${field === '' ? 'record' : `record.${field}`} is not usable: only a job that goes on from an earlier run has a record`;
}

export function isJobError(value: unknown): value is JobErrorView {
  return isObject(value) && isText(value['type']) && isText(value['message']);
}

export function isProgress(value: unknown): value is Progress {
  return isObject(value) && Number.isFinite(value['done']) && Number.isFinite(value['total']);
}

export function isEvidence(value: unknown): value is LossEvidence {
  return oneOf('alone', 'shared', 'none')(value);
}

export function isNotHere(value: unknown): value is NotHere {
  return isObject(value) && isWhyNotHere(value['why']) && isText(value['worker']);
}

function isWhyNotHere(value: unknown): value is NotHere['why'] {
  return oneOf('unknownKind', 'olderVersion')(value);
}

function isOutcome(value: unknown): value is AttemptOutcome {
  return oneOf('done', 'failed', 'discarded', 'crashed', 'interrupted', 'cancelled')(value);
}

/** @returns the name of the first field that is not usable; empty where there are no fields at all */
function failing(checks: Readonly<Record<string, Check>>, value: unknown): string | undefined {
  if (!isObject(value)) return '';
  return Object.keys(checks).find((field) => !checks[field]?.(value[field]));
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isFlag(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function isCount(value: unknown): value is number {
  return isWholeNumber(value, 0, Number.MAX_SAFE_INTEGER);
}

function isAnything(): boolean {
  return true;
}

function oneOf(...texts: readonly string[]): Check {
  return (value) => isText(value) && texts.includes(value);
}

/** What JSON carries of nothing is nothing. */
function optional(check: Check): Check {
  return (value) => value === undefined || check(value);
}
