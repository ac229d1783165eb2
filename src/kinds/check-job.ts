/** A job as a program enqueues it, made into one that can be started. */
import type { z } from 'zod';
import { BulkLineSchema } from '../contract/schemas/job-request.ts';
import type { JobArgs } from '../job/job.ts';
import type { JobRequest } from '../job/job-request.ts';
import { checkRequestOf } from './check-request.ts';
import type { AnyJob, ArgsOf } from './define-job.ts';
import type { EnqueueOptions } from './enqueue-options.ts';
import { InvalidJobError } from './invalid-job-error.ts';

/** A job on its way to `enqueueAll`. */
export interface JobToEnqueue<J extends AnyJob = AnyJob> extends EnqueueOptions {
  readonly job: J;
  readonly args: ArgsOf<J>;
}

export interface CheckedJob {
  readonly request: JobRequest;
  /** As a caller says them. */
  readonly keys: Pick<z.infer<typeof BulkLineSchema>, 'idempotencyKey' | 'requestKey' | 'firstSentAt'>;
}

/** @throws {InvalidJobError} */
export async function checkJob({ job, args, dueAt, firstSentAt, ...options }: JobToEnqueue): Promise<CheckedJob> {
  const parsed = BulkLineSchema.safeParse({
    ...options,
    kind: job.kind,
    args: asJson(args),
    dueAt: timeOf(dueAt),
    firstSentAt: timeOf(firstSentAt),
  });
  if (!parsed.success) throw new InvalidJobError(parsed.error.issues);
  const { idempotencyKey, requestKey, firstSentAt: sentAt, ...asked } = parsed.data;
  const checked = await checkRequestOf(job, asked);
  if ('issues' in checked) throw new InvalidJobError(checked.issues);
  return { request: checked.request, keys: { idempotencyKey, requestKey, firstSentAt: sentAt } };
}

/** Text that is no time where the date is none, so that the check names the field. */
function timeOf(date: Date | undefined): string | undefined {
  return date && (Number.isNaN(date.getTime()) ? String(date) : date.toISOString());
}

/** As the worker will see them, and as they are now, whatever their owner does with them next. @throws {InvalidJobError} */
function asJson(args: object): JobArgs {
  try {
    return JSON.parse(JSON.stringify(args)) as JobArgs;
  } catch (error) {
    throw new InvalidJobError([{ path: ['args'], message: `is no JSON: ${String(error)}` }]);
  }
}
