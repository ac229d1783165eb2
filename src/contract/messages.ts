/** Updates, signals and the query that every kind of job answers. Temporal's CLI and Web UI send them by these names. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { JobChanges } from '../job/job-events.ts';
import type { JobView } from '../job/job.ts';

/** The job's view. It says `queued` for a running job too, since a workflow cannot tell the two apart. */
export const jobQuery = defineQuery<JobView>('job');

/** Each is validated and answers with the job's new view. `dueAt` is ISO 8601 with its zone. */
export const UPDATES = {
  reschedule: defineUpdate<JobView, [dueAt: string]>('reschedule'),
  runNow: defineUpdate<JobView>('runNow'),
  pause: defineUpdate<JobView>('pause'),
  resume: defineUpdate<JobView>('resume'),
  retry: defineUpdate<JobView>('retry'),
  discard: defineUpdate<JobView>('discard'),
  edit: defineUpdate<JobView, [changes: JobChanges]>('edit'),
} as const;

/** The same actions while no worker runs: Temporal keeps them until one is back. An illegal one is then ignored. */
export const SIGNALS = {
  reschedule: defineSignal<[dueAt: string]>('reschedule'),
  runNow: defineSignal('runNow'),
  pause: defineSignal('pause'),
  resume: defineSignal('resume'),
  retry: defineSignal('retry'),
  discard: defineSignal('discard'),
  edit: defineSignal<[changes: JobChanges]>('edit'),
} as const;
