/**
 * What each event makes of a job. The workflow runs on it and the web shows by it, so the two cannot disagree.
 * Pure, and part of every history's replay: change it only behind the replay tests.
 */
import { givenBackPauseMs, retryDelayMs } from './retry-delays.ts';
import { blameFor, CRASHES_UNTIL_DEAD, DEATHS_ALONE_UNTIL_DEAD, isGuilty, pauseAfter } from './blame.ts';
import { BUDGETS } from '../contract/budgets.ts';
import { clip } from '../contract/clip.ts';
import { FAILURE } from '../contract/failures.ts';
import { isTooFarAway } from './field-checks.ts';
import type { Action, AttemptEnd, JobEvent, NotHere } from './job-events.ts';
import type { AttemptRecord, JobRecord } from './job-record.ts';
import { stateOf } from './job-record.ts';
import type { ActionName } from './actions.ts';
import { isActionLegal } from './job-states.ts';
import { LIMITS } from '../contract/limits.ts';

export function foldJob(job: JobRecord, event: JobEvent): JobRecord {
  if (job.phase === 'ended') return job;
  switch (event.type) {
    case 'attemptQueued':
      return attemptQueued(job, event.at);
    case 'attemptEnded':
      return attemptEnded(job, event.at, event.end);
    case 'attemptReturned':
      return event.notHere ? returned(job, event.at, 0, event.notHere) : attemptReturned(job, event.at, event.death);
    case 'actionTaken':
      return noted(job, actionTaken(job, event.at, event.action), { ...event.action, at: event.at });
    case 'attemptWithdrawn':
      return job.phase === 'attempting' ? { ...job, withdrawn: true } : job;
    case 'cancelRequested':
      return noted(job, cancelled(job, event.at), { type: 'cancel', at: event.at, by: event.by });
    case 'expired':
      return ended(job, event.at, 'dead');
    case 'closed':
      return ended({ ...job, error: event.error }, event.at, event.as);
  }
}

function attemptQueued(job: JobRecord, at: number): JobRecord {
  const number = job.lastNumber + 1;
  return {
    ...job,
    phase: 'attempting',
    spent: job.spent + 1,
    lastNumber: number,
    // Groups hand out ahead of the time.
    attempts: [...shortened(job.attempts), { number, queuedAt: Math.max(at, job.dueAt) }].slice(-LIMITS.attemptsShown),
  };
}

/** The newest attempt keeps its whole error, until there is a newer one. */
function shortened(attempts: readonly AttemptRecord[]): readonly AttemptRecord[] {
  const last = attempts.at(-1);
  if (!last?.error || last.error.message.length <= BUDGETS.olderErrorMessage / 6) return attempts;
  const message = clip(last.error.message, BUDGETS.olderErrorMessage);
  return [...attempts.slice(0, -1), { ...last, error: { ...last.error, message } }];
}

type Crash = Extract<AttemptEnd, { as: 'crashed' }>;

/** A job that was in hand at a second unexplained death runs alone from then on. */
const UNEXPLAINED_DEATHS_UNTIL_SUSPECT = 2;

function attemptEnded(before: JobRecord, at: number, end: AttemptEnd): JobRecord {
  if (end.as === 'returned') return returned(before, at, end.delayMs, end.notHere);
  if (end.as === 'cancelled' && before.withdrawn && !before.cancelRequested) return withdrawn(before, at, end);
  const job = attemptReported(before, at, end);
  if (end.as === 'done') {
    const { result, note } = end.report;
    return ended({ ...job, result, note, error: undefined }, at, 'done');
  }
  if (end.as === 'discarded') return ended(job, at, 'discarded');
  if (job.cancelRequested) return ended(job, at, 'cancelled');
  switch (end.as) {
    case 'crashed':
      return crashed(job, at, end);
    case 'interrupted':
      return { ...job, phase: 'waiting', spent: job.spent - 1, dueAt: at };
    // Cancelled though nobody asked: the work threw it, so it counts as a failure.
    case 'cancelled':
      return failed(job, at, true);
    case 'failed':
      return failed(job, at, end.retryable, end.delayMs);
  }
}

/** The attempt's end as its timeline and the job show it, whatever comes next. */
function attemptReported(job: JobRecord, at: number, end: Exclude<AttemptEnd, { as: 'returned' }>): JobRecord {
  const { report } = end;
  const error = end.as === 'done' ? undefined : end.error;
  const attempt: Partial<AttemptRecord> = {
    endedAt: report?.endedAt ?? at,
    outcome: end.as,
    ...(report && { startedAt: report.startedAt, worker: report.worker }),
    // The newest error alone keeps where it was thrown.
    ...(error && { error: { type: error.type, message: error.message } }),
    ...(end.as === 'crashed' && { evidence: end.evidence }),
    ...(report?.stray !== undefined && { stray: report.stray }),
  };
  const isCleared = end.as !== 'crashed' && end.as !== 'interrupted';
  return {
    ...job,
    withdrawn: false,
    givenBack: undefined,
    error: error ?? job.error,
    progress: report?.progress ?? job.progress,
    checkpoint: report?.checkpoint ?? job.checkpoint,
    ...(isCleared && { blame: undefined, unexplainedDeaths: undefined }),
    attempts: [...job.attempts.slice(0, -1), { ...lastAttempt(job), ...attempt }],
  };
}

function failed(job: JobRecord, at: number, retryable: boolean, delayMs?: number): JobRecord {
  if (!retryable || job.spent >= job.maxAttempts) return { ...job, phase: 'dead', deadSince: at };
  return { ...job, phase: 'waiting', dueAt: at + (delayMs ?? retryDelayMs(job.retryDelaysMs, job.spent)) };
}

/** Runs again and uses no retry delay, unless this is the job that kills its processes. */
function crashed(job: JobRecord, at: number, { evidence, isSuspect, report }: Crash): JobRecord {
  const { queuedAt, startedAt = queuedAt } = lastAttempt(job);
  const blame = blameFor(job.blame, { evidence, isSuspect, report, attemptStartedAt: startedAt }, at);
  const counted = { ...job, blame, crashes: job.crashes + 1, spent: job.spent - 1 };
  const message = whyDead(counted, blame);
  if (message === undefined) return { ...counted, phase: 'waiting', dueAt: at + pauseAfter(blame) };
  return { ...counted, phase: 'dead', deadSince: at, error: { type: FAILURE.poisonPill, message } };
}

function whyDead(
  { crashes, crashesForgiven = 0 }: JobRecord,
  blame: NonNullable<JobRecord['blame']>,
): string | undefined {
  if (isGuilty(blame))
    return `${DEATHS_ALONE_UNTIL_DEAD} processes in which nothing but this job ran died with it: the job kills them`;
  if (crashes - crashesForgiven >= CRASHES_UNTIL_DEAD)
    return `${CRASHES_UNTIL_DEAD} of its attempts lost their process: look at what ends them before you retry it`;
  return undefined;
}

/** The queued attempt is out of its queue, so that the job can be moved. An attempt that no worker took never was. */
function withdrawn(before: JobRecord, at: number, end: AttemptEnd): JobRecord {
  const job = end.report ? attemptReported(before, at, end) : neverAttempted(before);
  return { ...job, phase: 'waiting', spent: job.spent - 1 };
}

/** Its worker had no room for it, or cannot run it. */
function returned(before: JobRecord, at: number, delayMs: number, notHere?: NotHere): JobRecord {
  const job = attemptReturned(before, at);
  if (job.phase !== 'waiting') return job;
  const times = (job.givenBack?.times ?? 0) + 1;
  const waitMs = notHere ? Math.max(delayMs, givenBackPauseMs(times)) : delayMs;
  return { ...job, dueAt: Math.max(job.dueAt, at + waitMs), ...(notHere && { givenBack: { ...notHere, times } }) };
}

function attemptReturned(before: JobRecord, at: number, death?: Crash): JobRecord {
  if (before.phase !== 'attempting') return before;
  const deaths = (before.unexplainedDeaths ?? 0) + (death ? 1 : 0);
  if (death && deaths >= UNEXPLAINED_DEATHS_UNTIL_SUSPECT)
    return attemptEnded({ ...before, unexplainedDeaths: undefined }, at, { ...death, isSuspect: true });
  const job = { ...neverAttempted(before), ...(death && { unexplainedDeaths: deaths }) };
  return before.cancelRequested ? ended(job, at, 'cancelled') : { ...job, phase: 'waiting', spent: job.spent - 1 };
}

function neverAttempted(job: JobRecord): JobRecord {
  return { ...job, withdrawn: false, lastNumber: job.lastNumber - 1, attempts: job.attempts.slice(0, -1) };
}

/** An action stands in the record when it has had an effect, once. */
function noted(before: JobRecord, after: JobRecord, { type, at, by }: NotedAction): JobRecord {
  if (after === before) return before;
  const action = { type, at, ...(by !== undefined && { by }) };
  return { ...after, actions: [...(before.actions ?? []), action].slice(-LIMITS.actionsShown) };
}

interface NotedAction {
  readonly type: ActionName;
  readonly at: number;
  readonly by?: string | undefined;
}

function cancelled(job: JobRecord, at: number): JobRecord {
  if (job.phase !== 'attempting') return ended(job, at, 'cancelled');
  return job.cancelRequested ? job : { ...job, cancelRequested: true };
}

function actionTaken(job: JobRecord, at: number, action: Action): JobRecord {
  if (job.phase === 'attempting') return takenUnderWay(job, at, action);
  if (!isActionLegal(stateOf(job), action.type)) return job;
  switch (action.type) {
    case 'reschedule':
      return isTooFarAway(action.dueAt, at) ? job : { ...job, dueAt: action.dueAt };
    case 'runNow':
      return { ...job, dueAt: at, paused: false };
    case 'pause':
      return { ...job, paused: true };
    case 'resume':
      return { ...job, paused: false };
    case 'retry':
      return retried(job, at);
    case 'discard':
      return ended(job, at, 'discarded');
    case 'cancel':
      return cancelled(job, at);
    case 'edit':
      return edited(job, action.changes);
  }
}

/** Begins anew with everything, but for what stands in its timeline. */
function retried(job: JobRecord, at: number): JobRecord {
  const forgiven = { blame: undefined, unexplainedDeaths: undefined, crashesForgiven: job.crashes };
  return { ...job, ...forgiven, phase: 'waiting', paused: false, dueAt: at, spent: 0, deadSince: undefined };
}

/** The next attempt is held back, or no longer; every other action is made once this attempt is over. */
function takenUnderWay(job: JobRecord, at: number, action: Action): JobRecord {
  switch (action.type) {
    case 'pause':
      return job.paused ? job : { ...job, paused: true };
    case 'resume':
      return job.paused ? { ...job, paused: false } : job;
    case 'cancel':
      return cancelled(job, at);
    default:
      return job;
  }
}

function edited(job: JobRecord, { args, ...changes }: Extract<Action, { type: 'edit' }>['changes']): JobRecord {
  const changed = { ...job, ...changes };
  // A checkpoint belongs to the arguments it was made for.
  return args === undefined ? changed : { ...changed, args, checkpoint: undefined, progress: undefined };
}

function ended(job: JobRecord, at: number, as: NonNullable<JobRecord['endedAs']>): JobRecord {
  return { ...job, phase: 'ended', endedAs: as, endedAt: at, withdrawn: false };
}

function lastAttempt(job: JobRecord): AttemptRecord {
  return job.attempts.at(-1) ?? { number: job.lastNumber, queuedAt: job.dueAt };
}
