/** A job on its way in: what was asked for, as the workflow's input. */
import { randomUUID } from 'node:crypto';
import type { SearchAttributePair } from '@temporalio/common';
import { BUDGETS } from '../../contract/budgets.ts';
import { jobKind } from '../../contract/job-kinds.ts';
import type { JobInput } from '../../job/job.ts';
import { DEFAULT_QUEUE, WORKFLOW_TASK_QUEUE, WORKFLOW_TASK_TIMEOUT, workflowPriority } from '../../contract/queues.ts';
import type { JobRequest } from '../../contract/schemas/job-request.ts';
import { JobDueAt, JobQueue } from '../../contract/search-attributes.ts';
import { JobTooLargeError } from '../errors.ts';

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
  /** When its request came in at the earliest, by the same clock: its process may have stood still. @format milliseconds */
  readonly cameAt: number;
  /** What its input weighs as JSON. @format bytes */
  readonly bytes: number;
}

/** The moment of a request, the same for all its jobs, so that they stay in their order where they are due at the same time. */
export interface AskedAt {
  /** By this machine's clock. @format milliseconds since 1970 */
  readonly now: number;
  /** By its monotonic clock. @format milliseconds */
  readonly ticks: number;
  /** The same, of the earliest moment at which it may have come in. */
  readonly cameAt: number;
}

export function askedNow(cameAt = performance.now()): AskedAt {
  return { now: Date.now(), ticks: performance.now(), cameAt };
}

/** When a job is due that is asked for at `now`. @format milliseconds since 1970 */
export function dueTime({ dueAt, delayMs = 0 }: JobRequest, now: number): number {
  return dueAt === undefined ? now + delayMs : Date.parse(dueAt);
}

/** @throws {JobTooLargeError} */
export function newJob(request: JobRequest, { now, ticks, cameAt }: AskedAt): NewJob {
  const { kind, args, dueAt, delayMs, queue, priority, maxAttempts, retryDelaysMs } = request;
  const input: JobInput = {
    args,
    ...(dueAt !== undefined && { dueAt }),
    // No delay is no due time: at once.
    ...(delayMs && { delayMs }),
    ...(queue !== undefined && { queue }),
    ...(priority !== undefined && { priority }),
    ...(maxAttempts !== undefined && { maxAttempts }),
    ...(retryDelaysMs !== undefined && { retryDelaysMs }),
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
    dueAt: dueTime(request, now),
    askedAt: ticks,
    cameAt,
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

/** What the job is started with now: a delay counts from the start, so what went by before that is taken off it. @param ticks one for all jobs of a start */
export function inputNow({ input, askedAt }: Pick<NewJob, 'input' | 'askedAt'>, ticks = performance.now()): JobInput {
  if (input.delayMs === undefined) return input;
  return { ...input, delayMs: Math.max(0, input.delayMs - Math.floor(ticks - askedAt)) };
}

/** `name-…`, `report-…`: people read ids. */
export function newJobId(kind: string): string {
  return `${kind.replace(/Workflow$/, '').toLowerCase()}-${randomUUID()}`;
}

/** What a job's workflow and a group's have in common. */
export function startOptions({ queue, priority, dueAt }: Pick<NewJob, 'queue' | 'priority' | 'dueAt'>) {
  return {
    taskQueue: WORKFLOW_TASK_QUEUE,
    workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
    ...workflowPriority(priority),
    typedSearchAttributes: [
      { key: JobQueue, value: queue },
      { key: JobDueAt, value: new Date(dueAt) },
    ] satisfies SearchAttributePair[],
  };
}
