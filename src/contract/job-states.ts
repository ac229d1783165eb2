/**
 * The one drawing of a job's life. Pages ask it which buttons to show, the API which moves to refuse, the workflow which to
 * accept, and docs/job-lifecycle.md is generated from it.
 */

export type MoveName = 'reschedule' | 'runNow' | 'pause' | 'resume' | 'retry' | 'discard' | 'edit' | 'cancel';

interface StateDrawing {
  readonly summary: string;
  /** What a person may do, and where it leads. */
  readonly moves: Readonly<Partial<Record<MoveName, JobState>>>;
  /** What happens by itself, and where it leads. */
  readonly events: Readonly<Record<string, JobState>>;
}

export type JobState =
  'scheduled' | 'queued' | 'running' | 'retrying' | 'paused' | 'dead' | 'done' | 'discarded' | 'cancelled';

export const JOB_STATES: Readonly<Record<JobState, StateDrawing>> = {
  scheduled: {
    summary: 'waits for its due time',
    moves: {
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
    moves: { reschedule: 'scheduled', pause: 'paused', edit: 'queued', discard: 'discarded', cancel: 'cancelled' },
    events: { 'a worker takes it': 'running' },
  },
  running: {
    summary: 'a worker is at it',
    // A paused running job finishes its attempt; only the next one is held back.
    moves: { pause: 'running', resume: 'running', cancel: 'cancelled' },
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
    moves: {
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
    moves: {
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
    // A retry gives the job its whole ladder again.
    moves: { retry: 'queued', edit: 'dead', discard: 'discarded', cancel: 'cancelled' },
    events: {},
  },
  done: { summary: 'ended well', moves: {}, events: {} },
  discarded: { summary: 'ended because it was no longer wanted', moves: {}, events: {} },
  cancelled: { summary: 'ended because somebody cancelled it', moves: {}, events: {} },
};

export function isMoveLegal(state: JobState, move: MoveName): boolean {
  return move in JOB_STATES[state].moves;
}

/** Whether a move that comes while an attempt is under way is made when that is over: each that may take it out of its queue, and a resume, which undoes a pause. */
export function waitsForAttempt(move: MoveName): boolean {
  return move === 'resume' || isMoveLegal('queued', move);
}

export function legalMoves(state: JobState): MoveName[] {
  return MOVE_NAMES.filter((move) => isMoveLegal(state, move));
}

export const MOVE_NAMES: readonly MoveName[] = [
  'runNow',
  'reschedule',
  'pause',
  'resume',
  'retry',
  'edit',
  'discard',
  'cancel',
];
