/**
 * What the ends of attempts and jobs are called, other than good ones. A `type` stands in histories, and lists filter by it, so never
 * rename one. What comes of an end stands in its details (`attempt-end.ts`): an application's error may have any type.
 */
export const FAILURE = {
  /** The work decided that the job shall end at once. */
  discarded: 'JobDiscarded',
  /** The work named the delay until the next attempt. */
  retryLater: 'JobRetryLater',
  /** The arguments do not fit the kind's schema; no attempt can succeed until somebody edits them. */
  argsInvalid: 'JobArgsInvalid',
  /** The job was started with what no job can be; it is dead until somebody edits it. */
  jobInvalid: 'JobInvalid',
  /** The process that the attempt ran in died, or its worker did. */
  workerLost: 'WorkerLost',
  /** The worker was stopped and the attempt did not end within its grace time. */
  workerStopped: 'WorkerStopped',
  /** No heartbeat arrived in time: the worker or its machine vanished. */
  heartbeatLost: 'HeartbeatLost',
  /** The attempt took longer than its kind allows. */
  attemptTimeout: 'AttemptTimeout',
  /** It kills the processes that it runs in. */
  poisonPill: 'PoisonPill',
  /** An action that the job's state does not allow. */
  actionIllegal: 'JobActionIllegal',
  /** An action whose input is not usable. */
  actionInvalid: 'JobActionInvalid',
  /** It has taken as many actions as fit into one run of its workflow; the next run begins when its attempt is over. */
  busy: 'JobBusy',
  /** A newer version wrote the message, and only a newer worker can read it. */
  needsNewer: 'JobNeedsNewerWorker',
  /** A group that was started with an unusable input. */
  groupInvalid: 'GroupInvalid',
  /** The job has left its group and is a workflow of its own. */
  leftGroup: 'JobLeftGroup',
  /** The group has no such job, or had it in an earlier run. */
  notInGroup: 'JobNotInGroup',
  /** Somebody terminated the workflow by Temporal's own means. */
  terminated: 'Terminated',
} as const;
