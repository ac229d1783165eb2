/** A request as it is enqueued: with every option that stands in its history from then on. */
import type { RequestedJob } from '../contract/schemas/job-request.ts';
import type { JobRequest } from '../job/job-request.ts';
import type { JobOptions } from '../job/job-options.ts';
import type { AnyJob } from './job-definition.ts';

/** @param asked checked by its schema, and its arguments by the kind's */
export function settle(job: AnyJob, asked: RequestedJob): JobRequest {
  const { args, dueAt, delayMs, queue = job.queue, priority } = asked;
  return { kind: job.kind, args, dueAt, delayMs, queue, priority, options: optionsOf(job, asked) };
}

function optionsOf({ options }: AnyJob, asked: RequestedJob): JobOptions {
  const { maxAttempts, retryDelaysMs, timeoutMs } = asked;
  if (maxAttempts === undefined && retryDelaysMs === undefined && timeoutMs === undefined) return options;
  return {
    ...options,
    ...(maxAttempts !== undefined && { maxAttempts }),
    ...(retryDelaysMs !== undefined && { retryDelaysMs }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  };
}
