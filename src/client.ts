/** What `holdfast/client` exports. */
export { ConfigError } from './config/config.ts';
export type { JobArgs, JobKind, JobResult } from './contract/job-kinds.ts';
export type { AttemptView, JobView } from './job/job.ts';
export type { JobState, ActionName } from './job/job-states.ts';
export {
  connectHoldfast,
  type EnqueueOptions,
  type Holdfast,
  type HoldfastOptions,
  type JobToEnqueue,
} from './temporal/holdfast.ts';
export {
  IllegalActionError,
  InvalidJobError,
  InvalidActionError,
  JobNotFoundError,
  JobTooLargeError,
  KeyReusedError,
  TemporalRefusalError,
  TemporalUnreachableError,
  TooManyActionsError,
} from './temporal/errors.ts';
export type { ActionRequest, ActionAnswer, StartedJob } from './temporal/jobs.ts';
