/** What `holdfast/client` exports: for programs that enqueue jobs and look after them, and need not load the work's code. */
export { ConfigError } from './config/config.ts';
export type { ActionName } from './job/actions.ts';
export type { JobState } from './job/job-states.ts';
export type { AttemptView, GivenBack, JobErrorView, JobView } from './job/job.ts';
export { defineJob, JobDefinitionError } from './kinds/define-job.ts';
export { type AnyJob, type ArgsOf, type JobDefinition, type ResultOf } from './kinds/job-definition.ts';
export type { EnqueueOptions } from './kinds/enqueue-options.ts';
export { InvalidJobError } from './kinds/invalid-job-error.ts';
export type { JobToEnqueue } from './kinds/check-job.ts';
export { connectHoldfast, type HoldfastOptions } from './temporal/connect-holdfast.ts';
export type { EnqueuedJob, Holdfast } from './temporal/holdfast.ts';
export {
  IllegalActionError,
  InvalidActionError,
  InvalidResultError,
  JobFailedError,
  JobNotFoundError,
  JobTooLargeError,
  KeyReusedError,
  TemporalRefusalError,
  TemporalUnreachableError,
  TooManyActionsError,
} from './temporal/errors.ts';
export type { ActionAnswer, ActionRequest, StartedJob } from './temporal/jobs.ts';
