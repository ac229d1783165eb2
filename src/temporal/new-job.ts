/** A job on its way in: what was asked for, as the workflow's input. */
import { randomUUID } from 'node:crypto';
import type { SearchAttributePair } from '@temporalio/common';
import { BUDGETS } from '../contract/budgets.ts';
import { jobKind } from '../contract/job-kinds.ts';
import { dueAtOf } from '../contract/job-record.ts';
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
  /** As it was asked for; {@link inputNow} is what it is started with. */
  readonly input: JobInput;
  /** By this process's clock, so for lists and for an order among jobs; the job itself goes by Temporal's. @format milliseconds since 1970 */
  readonly dueAt: number;
  /** By a clock that nobody sets. @format milliseconds */
  readonly askedAt: number;
  /** What its input weighs as JSON. @format bytes */
  readonly bytes: number;
}

/** @throws {JobTooLargeError} */
export function newJob({ kind, args, dueAt, delayMs, queue, priority, maxAttempts, ladderMs }: JobRequest): NewJob {
  const input: JobInput = {
    args,
    ...(dueAt !== undefined && { dueAt }),
    ...(delayMs !== undefined && { delayMs }),
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
    dueAt: dueAtOf(input, Date.now()),
    askedAt: performance.now(),
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

/** What the job is started with now: a delay counts from the start, so what went by before that is taken off it. */
export function inputNow({ input, askedAt }: Pick<NewJob, 'input' | 'askedAt'>): JobInput {
  if (input.delayMs === undefined) return input;
  return { ...input, delayMs: Math.max(0, input.delayMs - Math.floor(performance.now() - askedAt)) };
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
