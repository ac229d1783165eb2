/** What `holdfast/client` exports. */
export { ConfigError } from './config.ts';
export type { JobArgs, JobKind, JobResult } from './contract/job-kinds.ts';
export type { AttemptView, JobView } from './contract/job.ts';
export type { JobState, MoveName } from './contract/job-states.ts';
export {
  connectHoldfast,
  type EnqueueOptions,
  type Holdfast,
  type HoldfastOptions,
  type JobToEnqueue,
} from './temporal/connect-holdfast.ts';
export {
  IllegalMoveError,
  InvalidJobError,
  InvalidMoveError,
  JobNotFoundError,
  JobTooLargeError,
  KeyReusedError,
  TemporalRefusalError,
  TemporalUnreachableError,
  TooManyMovesError,
} from './temporal/errors.ts';
export type { AskedMove, MovedJob, StartedJob } from './temporal/jobs.ts';
