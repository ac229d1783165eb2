/** How a job takes a move: as an update, validated and answered at once, or as a signal, for when no worker runs. */
import { ApplicationFailure } from '@temporalio/workflow';
import type { Move } from '../../contract/job-events.ts';
import type { JobView } from '../../contract/job.ts';
import { FAILURE } from '../../contract/failures.ts';
import { isTooFarAway } from '../../contract/field-checks.ts';
import { isAheadOfItsTime, stateOf, type JobRecord } from '../../contract/job-record.ts';
import { isMoveLegal, waitsForAttempt, type JobState } from '../../contract/job-states.ts';
import { invalidMove, readMove } from '../../contract/read-move.ts';
import type { WaitingMove } from './kept-moves.ts';

/** A job, with a workflow of its own or as an item of a group. */
export interface MovableJob {
  readonly record: JobRecord;
  readonly view: JobView;
  /** Makes a move; what an attempt under way does not allow is kept until that is over. */
  move(move: Move): WaitingMove | undefined;
  logIgnored(why: string): void;
}

/** @throws {ApplicationFailure} `JobMoveIllegal`, with the state as its first detail; `JobMoveInvalid` for a time that is too far away */
export function checkMove(job: MovableJob, move: Move): void {
  if (move.type === 'reschedule' && isTooFarAway(move.dueAt, Date.now()))
    throw invalidMove('a job can be due within ten years');
  const state = isAheadOfItsTime(job.record, Date.now()) ? 'scheduled' : stateOf(job.record);
  // A paused job whose attempt is still under way may be resumed, though it counts as queued.
  const resumesUnderWay = move.type === 'resume' && job.record.phase === 'attempting' && job.record.paused;
  if (!isMoveLegal(state, move.type) && !resumesUnderWay) throw illegal(job, move, state);
}

export async function takeUpdate(job: MovableJob, move: Move): Promise<JobView> {
  const waiting = job.move(move);
  if (!waiting || move.type === 'resume') return job.view;
  if (await waiting.attempt.withdraw()) {
    if (!(await waiting.made)) throw illegal(job, move, stateOf(job.record));
  } else if (move.type !== 'pause') {
    // A pause holds back the next attempt; everything else comes too late.
    waiting.attempt.drop(waiting);
    throw illegal(job, move, 'running');
  }
  return job.view;
}

export async function takeSignal(job: MovableJob, name: string, input?: unknown): Promise<void> {
  return takeUnanswered(job, () => readMove(name, input));
}

/** Nobody waits for the answer, so a move that comes too late for the attempt under way waits for its end; an illegal one is ignored. */
export async function takeUnanswered(job: MovableJob, read: () => Move): Promise<void> {
  try {
    const move = read();
    if (job.record.phase !== 'attempting') checkMove(job, move);
    const waiting = job.move(move);
    if (!waiting || move.type === 'resume') return;
    if (waitsForAttempt(move.type) || isAheadOfItsTime(job.record, Date.now())) await waiting.attempt.withdraw();
    if (!(await waiting.made)) throw illegal(job, move, stateOf(job.record));
  } catch (error) {
    if (!(error instanceof ApplicationFailure)) throw error;
    job.logIgnored(error.message);
  }
}

function illegal(job: MovableJob, move: Move, state: JobState): ApplicationFailure {
  const message = `job ${job.record.id} is ${state}, which does not allow ${move.type}`;
  return ApplicationFailure.create({ type: FAILURE.moveIllegal, message, nonRetryable: true, details: [state] });
}
