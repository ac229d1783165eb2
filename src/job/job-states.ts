/**
 * The one drawing of a job's life. Pages ask it which buttons to show, the API which actions to refuse, the workflow which to
 * accept, and docs/job-lifecycle.md is generated from it.
 */

import { ACTION_NAMES, type ActionName } from './actions.ts';

interface StateDrawing {
  readonly summary: string;
  /** What a person may do, and where it leads. */
  readonly actions: Readonly<Partial<Record<ActionName, JobState>>>;
  /** What happens by itself, and where it leads. */
  readonly events: Readonly<Record<string, JobState>>;
}

export type JobState =
  'scheduled' | 'queued' | 'running' | 'retrying' | 'paused' | 'dead' | 'done' | 'discarded' | 'cancelled';

export const JOB_STATES: Readonly<Record<JobState, StateDrawing>> = {
  scheduled: {
    summary: 'waits for its due time',
    actions: {
      reschedule: 'scheduled',
      runNow: 'queued',
      pause: 'paused',
      edit: 'scheduled',
      discard: 'discarded',
      cancel: 'cancelled',
    },
    events: { due: 'queued' },
  },
  queued: {
    summary: 'is due; its attempt waits in the queue for a worker',
    actions: { reschedule: 'scheduled', pause: 'paused', edit: 'queued', discard: 'discarded', cancel: 'cancelled' },
    events: { 'a worker takes it': 'running' },
  },
  running: {
    summary: 'a worker is at it',
    // A paused running job finishes its attempt; only the next one is held back.
    actions: { pause: 'running', resume: 'running', cancel: 'cancelled' },
    events: {
      succeeds: 'done',
      'fails, attempts left': 'retrying',
      'fails while paused': 'paused',
      'fails, last attempt': 'dead',
      'kills its processes': 'dead',
      'worker lost or stopped': 'queued',
      'discards itself': 'discarded',
    },
  },
  retrying: {
    summary: 'failed and waits for its next attempt',
    actions: {
      reschedule: 'retrying',
      runNow: 'queued',
      pause: 'paused',
      edit: 'retrying',
      discard: 'discarded',
      cancel: 'cancelled',
    },
    events: { due: 'queued' },
  },
  paused: {
    summary: 'waits until somebody resumes it',
    actions: {
      reschedule: 'paused',
      runNow: 'queued',
      resume: 'scheduled',
      edit: 'paused',
      discard: 'discarded',
      cancel: 'cancelled',
    },
    events: {},
  },
  dead: {
    summary: 'does not run again unless a person retries it',
    // A retry gives the job its whole list of retry delays again.
    actions: { retry: 'queued', edit: 'dead', discard: 'discarded', cancel: 'cancelled' },
    events: {},
  },
  done: { summary: 'ended well', actions: {}, events: {} },
  discarded: { summary: 'ended because it was no longer wanted', actions: {}, events: {} },
  cancelled: { summary: 'ended because somebody cancelled it', actions: {}, events: {} },
};

export function isActionLegal(state: JobState, action: ActionName): boolean {
  return action in JOB_STATES[state].actions;
}

/** Whether an action that comes while an attempt is under way is made when that is over: each that may take it out of its queue, and a resume, which undoes a pause. */
export function waitsForAttempt(action: ActionName): boolean {
  return action === 'resume' || isActionLegal('queued', action);
}

export function legalActions(state: JobState): ActionName[] {
  return ACTION_NAMES.filter((action) => isActionLegal(state, action));
}
