/**
 * How an attempt ends other than well. The `type` of a failure stands in histories and decides what the job loop does next,
 * so never rename one.
 */
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';

export const FAILURE = {
  /** The work decided that the job shall end at once. */
  discarded: 'JobDiscarded',
  /** The work named the delay until the next attempt. */
  retryLater: 'JobRetryLater',
  /** The arguments do not fit the kind's schema; no attempt can succeed until somebody edits them. */
  argsInvalid: 'JobArgsInvalid',
  /** The job was started with what no job can be; it is dead until somebody edits it. */
  jobInvalid: 'JobInvalid',
  /** The work returned more than a history has room for. */
  resultTooLarge: 'JobResultTooLarge',
  /** The worker process vanished; reported by its keeper. */
  workerLost: 'WorkerLost',
  /** The worker was stopped and the attempt did not end within its grace time. */
  workerStopped: 'WorkerStopped',
  /** No heartbeat arrived in time: the machine, or keeper and worker together, vanished. */
  heartbeatLost: 'HeartbeatLost',
  /** The attempt took longer than its kind allows. */
  attemptTimeout: 'AttemptTimeout',
  /** Too many crashes in a row. */
  poisonPill: 'PoisonPill',
  /** A move that the job's state does not allow. */
  moveIllegal: 'JobMoveIllegal',
  /** A move whose input is not usable. */
  moveInvalid: 'JobMoveInvalid',
  /** A group that was started with an unusable input. */
  groupInvalid: 'GroupInvalid',
  /** The job has left its group and is a workflow of its own. */
  leftGroup: 'JobLeftGroup',
  /** The group has no such job, or had it in an earlier run. */
  notInGroup: 'JobNotInGroup',
  /** Somebody terminated the workflow by Temporal's own means. */
  terminated: 'Terminated',
} as const;

/** Thrown by work that no longer makes sense: the job ends at once, without a further attempt. */
export function discardJob(message: string): ApplicationFailure {
  return ApplicationFailure.create({
    type: FAILURE.discarded,
    message,
    nonRetryable: true,
    category: ApplicationFailureCategory.BENIGN,
  });
}

/** Thrown by work that cannot be done now: next attempt after `delayMs`. Counts as an attempt. */
export function retryLater(message: string, delayMs: number): ApplicationFailure {
  return ApplicationFailure.create({ type: FAILURE.retryLater, message, nextRetryDelay: delayMs });
}

/** Thrown before the work starts: the job is dead until its arguments are edited. */
export function argsInvalid(message: string): ApplicationFailure {
  return ApplicationFailure.create({ type: FAILURE.argsInvalid, message, nonRetryable: true });
}

/** Of work that is done and has more to say than a history has room for: let it save its result elsewhere and return where. */
export function resultTooLarge(bytes: number, possible: number): ApplicationFailure {
  const message = `the result has ${bytes} bytes, and ${possible} are possible: save it elsewhere and return where`;
  return ApplicationFailure.create({ type: FAILURE.resultTooLarge, message, nonRetryable: true });
}
