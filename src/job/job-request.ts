/** A job on its way into Temporal: what its caller asked for, checked, and all that its definition settles. */
import type { JobArgs } from './job.ts';
import type { JobOptions } from './job-options.ts';

export interface JobRequest {
  readonly kind: string;
  readonly args: JobArgs;
  /** ISO 8601. @default at once */
  readonly dueAt?: string | undefined;
  /** Instead of `dueAt`: milliseconds from now. */
  readonly delayMs?: number | undefined;
  readonly queue: string;
  readonly priority?: number | undefined;
  /** The same object for all jobs of a kind that do not differ from it: a group says it once. */
  readonly options: JobOptions;
}
