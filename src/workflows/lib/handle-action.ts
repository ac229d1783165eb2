/** How a job takes an action: as an update, validated and answered at once, or as a signal, for when no worker runs. */
import { ApplicationFailure } from '@temporalio/workflow';
import type { Action } from '../../job/job-events.ts';
import type { JobView } from '../../job/job.ts';
import { FAILURE } from '../../contract/failures.ts';
import { needsNewer } from '../../contract/format.ts';
import { isTooFarAway } from '../../job/field-checks.ts';
import { isAheadOfItsTime, stateOf } from '../../job/job-record.ts';
import { isActionLegal, waitsForAttempt, type JobState } from '../../job/job-states.ts';
import { invalidAction, readAction, TOO_FAR_AWAY } from '../../job/read-action.ts';
import type { Job } from './job.ts';

/** @throws {ApplicationFailure} `JobActionIllegal`, with the state as its first detail; `JobActionInvalid` for a time that is too far away */
export function checkAction(job: Job, action: Action): void {
  if (action.type === 'reschedule' && isTooFarAway(action.dueAt, Date.now())) throw invalidAction(TOO_FAR_AWAY);
  const state = isAheadOfItsTime(job.record, Date.now()) ? 'scheduled' : stateOf(job.record);
  // A paused job whose attempt is still under way may be resumed, though it counts as queued.
  const resumesUnderWay = action.type === 'resume' && job.record.phase === 'attempting' && job.record.paused;
  if (!isActionLegal(state, action.type) && !resumesUnderWay) throw illegal(job, action, state);
}

/** Of an update, whose sender hears that it was not taken. @throws {ApplicationFailure} `JobNeedsNewerWorker` */
export function checkFormat(name: string, message: unknown): void {
  if (!needsNewer(message)) return;
  const why = `a newer version of Holdfast asks for ${name}: try again when its workers run`;
  throw ApplicationFailure.create({ type: FAILURE.needsNewer, message: why, nonRetryable: true });
}

export async function takeUpdate(job: Job, action: Action): Promise<JobView> {
  if (action.type === 'cancel') {
    job.cancel(action.by);
    return job.view;
  }
  const waiting = job.act(action);
  if (!waiting || action.type === 'resume') return job.view;
  if (await waiting.attempt.withdraw()) {
    if (!(await waiting.made)) throw illegal(job, action, stateOf(job.record));
  } else if (action.type !== 'pause') {
    // A pause holds back the next attempt; everything else comes too late.
    job.drop(waiting);
    throw illegal(job, action, 'running');
  }
  return job.view;
}

export async function takeSignal(job: Job, name: string, message?: unknown): Promise<void> {
  return takeUnanswered(job, () => readAction(name, message));
}

/** Nobody waits for the answer, so an action that comes too late for the attempt under way waits for its end; an illegal one is ignored. */
export async function takeUnanswered(job: Job, read: () => Action): Promise<void> {
  try {
    const action = read();
    if (job.record.phase !== 'attempting') checkAction(job, action);
    if (action.type === 'cancel') return job.cancel(action.by);
    const waiting = job.act(action);
    if (!waiting || action.type === 'resume') return;
    if (waitsForAttempt(action.type) || isAheadOfItsTime(job.record, Date.now())) await waiting.attempt.withdraw();
    if (!(await waiting.made)) throw illegal(job, action, stateOf(job.record));
  } catch (error) {
    if (!(error instanceof ApplicationFailure)) throw error;
    job.logIgnored(error.message);
  }
}

function illegal(job: Job, action: Action, state: JobState): ApplicationFailure {
  const message = `job ${job.record.id} is ${state}, which does not allow ${action.type}`;
  return ApplicationFailure.create({ type: FAILURE.actionIllegal, message, nonRetryable: true, details: [state] });
}
