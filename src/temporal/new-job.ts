/** A job on its way in: what was asked for, as the workflow's input. */
import { randomUUID } from 'node:crypto';
import { jobKind } from '../contract/job-kinds.ts';
import type { JobInput } from '../contract/job.ts';
import { LIMITS } from '../contract/limits.ts';
import { DEFAULT_QUEUE } from '../contract/queues.ts';
import type { JobRequest } from '../contract/schemas/job-request.ts';
import { JobTooLargeError } from './errors.ts';

export interface NewJob {
  readonly kind: JobRequest['kind'];
  readonly queue: string;
  readonly input: JobInput;
  /** @format milliseconds since 1970 */
  readonly dueAt: number;
  /** What its input weighs as JSON. @format bytes */
  readonly bytes: number;
}

/** @throws {JobTooLargeError} */
export function newJob({ kind, args, dueAt, delayMs, queue, priority, maxAttempts, ladderMs }: JobRequest): NewJob {
  const now = Date.now();
  const due = delayMs === undefined ? dueAt : new Date(now + delayMs).toISOString();
  const input: JobInput = {
    args,
    ...(due !== undefined && { dueAt: due }),
    ...(queue !== undefined && { queue }),
    ...(priority !== undefined && { priority }),
    ...(maxAttempts !== undefined && { maxAttempts }),
    ...(ladderMs !== undefined && { ladderMs }),
  };
  const bytes = Buffer.byteLength(JSON.stringify(input));
  if (bytes > LIMITS.jobBytes) throw new JobTooLargeError(bytes);
  return {
    kind,
    input,
    bytes,
    queue: queue ?? jobKind(kind)?.queue ?? DEFAULT_QUEUE,
    dueAt: due === undefined ? now : Date.parse(due),
  };
}

/** `name-…`, `report-…`: people read ids. */
export function newJobId(kind: string): string {
  return `${kind.replace(/Workflow$/, '').toLowerCase()}-${randomUUID()}`;
}
