/** A job on its way in: what was asked for, as the workflow's input. */
import { randomUUID } from 'node:crypto';
import type { SearchAttributePair } from '@temporalio/common';
import { BUDGETS } from '../contract/budgets.ts';
import { jobKind } from '../contract/job-kinds.ts';
import type { JobInput } from '../contract/job.ts';
import { DEFAULT_QUEUE, WORKFLOW_TASK_QUEUE, WORKFLOW_TASK_TIMEOUT } from '../contract/queues.ts';
import type { JobRequest } from '../contract/schemas/job-request.ts';
import { JobDueAt, JobQueue } from '../contract/search-attributes.ts';
import { JobTooLargeError } from './errors.ts';

export interface NewJob {
  readonly kind: JobRequest['kind'];
  readonly queue: string;
  /** 1 goes first, 5 last, where attempts wait for a worker. @default 3 */
  readonly priority: number | undefined;
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
    ...(maxAttempts !== undefined && { maxAttempts }),
    ...(ladderMs !== undefined && { ladderMs }),
  };
  const bytes = weigh(input);
  // Few are so heavy, so only those are weighed twice.
  if (bytes > BUDGETS.arguments) checkArguments(args);
  return {
    kind,
    input,
    bytes,
    priority,
    queue: queue ?? jobKind(kind)?.queue ?? DEFAULT_QUEUE,
    dueAt: due === undefined ? now : Date.parse(due),
  };
}

/** @throws {JobTooLargeError} */
function checkArguments(args: JobInput['args']): void {
  const bytes = weigh(args);
  if (bytes > BUDGETS.arguments) throw new JobTooLargeError(bytes);
}

function weigh(value: object): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** `name-…`, `report-…`: people read ids. */
export function newJobId(kind: string): string {
  return `${kind.replace(/Workflow$/, '').toLowerCase()}-${randomUUID()}`;
}

/** What a job's workflow and a group's have in common. Attempts inherit the priority. */
export function startOptions({ queue, priority, dueAt }: Pick<NewJob, 'queue' | 'priority' | 'dueAt'>) {
  return {
    taskQueue: WORKFLOW_TASK_QUEUE,
    workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
    ...(priority !== undefined && { priority: { priorityKey: priority } }),
    typedSearchAttributes: [
      { key: JobQueue, value: queue },
      { key: JobDueAt, value: new Date(dueAt) },
    ] satisfies SearchAttributePair[],
  };
}
