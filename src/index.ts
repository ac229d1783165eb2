/** What `holdfast` exports: for files that define jobs and their work, and for `holdfast.config.ts`. */
export { discardJob, retryLater } from './job/verdicts.ts';
export type { Attempt, EnqueuedOptions } from './kinds/job-definition.ts';
export { defineConfig, type HoldfastConfig } from './kinds/define-config.ts';
export { defineJob, implement, JobDefinitionError, type JobSettings } from './kinds/define-job.ts';
export { type AnyJob, type ArgsOf, type JobDefinition, type ResultOf, type Run } from './kinds/job-definition.ts';
