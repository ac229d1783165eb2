/** A job on its way in: what was asked for, as the workflow's input. */
import { randomUUID } from 'node:crypto';
import type { SearchAttributePair } from '@temporalio/common';
import { BUDGETS } from '../../contract/budgets.ts';
import type { JobInput } from '../../job/job-record.ts';
import { WORKFLOW_TASK_TIMEOUT, workflowPriority } from '../../contract/queues.ts';
import type { JobOptions } from '../../job/job-options.ts';
import type { JobRequest } from '../../job/job-request.ts';
import { LIMITS } from '../../contract/limits.ts';
import { isDeeperThan } from '../../contract/nesting.ts';
import { JobDueAt, JobQueue } from '../../contract/search-attributes.ts';
import { InvalidJobError } from '../../kinds/invalid-job-error.ts';
import { JobTooLargeError } from '../errors.ts';

export interface NewJob {
  readonly kind: string;
  readonly queue: string;
  /** 1 goes first, 5 last, where attempts wait for a worker. @default 3 */
  readonly priority: number | undefined;
  /** Without its options. As it was asked for; {@link inputNow} is what it is started with. */
  readonly input: JobInput;
  readonly options: JobOptions;
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

/** @throws {InvalidJobError} */
export function checkQueue({ queue }: Pick<JobRequest, 'queue'>, taskQueue: string): void {
  if (queue !== taskQueue) return;
  const message = `cannot be ${taskQueue}, which is the task queue of workflows`;
  throw new InvalidJobError([{ path: ['queue'], message }]);
}

/** @throws {JobTooLargeError} @throws {InvalidJobError} */
export function newJob(request: JobRequest, { now, ticks, cameAt }: AskedAt): NewJob {
  const { kind, args, dueAt, delayMs, queue, priority, options } = request;
  const input: JobInput = {
    args,
    queue,
    ...(dueAt !== undefined && { dueAt }),
    // No delay is no due time: at once.
    ...(delayMs && { delayMs }),
    ...(priority !== undefined && { priority }),
  };
  return {
    kind,
    input,
    options,
    bytes: weigh(args),
    priority,
    queue,
    dueAt: dueTime(request, now),
    askedAt: ticks,
    cameAt,
  };
}

/** @returns what the arguments weigh, and what their group says of them besides @throws {JobTooLargeError} @throws {InvalidJobError} */
function weigh(args: JobInput['args']): number {
  let text: string;
  try {
    text = JSON.stringify(args);
  } catch (error) {
    throw notJson(error instanceof Error ? error.message : String(error));
  }
  const bytes = Buffer.byteLength(text);
  if (bytes > BUDGETS.arguments) throw new JobTooLargeError(bytes);
  // Each level takes two brackets.
  if (bytes > 2 * LIMITS.nesting && isDeeperThan(LIMITS.nesting, args))
    throw notJson(`must be nested at most ${LIMITS.nesting} deep`);
  return bytes + ITEM_BYTES;
}

/** Names, numbers and times. */
const ITEM_BYTES = 100;

function notJson(message: string): InvalidJobError {
  return new InvalidJobError([{ path: ['args'], message }]);
}

/** What a job that travels alone is started with. */
export function inputAlone(job: NewJob): JobInput {
  return { ...inputNow(job), ...job.options };
}

/** What the job is started with now: a delay counts from the start, so what went by before that is taken off it. @param ticks one for all jobs of a start */
export function inputNow({ input, askedAt }: Pick<NewJob, 'input' | 'askedAt'>, ticks = performance.now()): JobInput {
  if (input.delayMs === undefined) return input;
  return { ...input, delayMs: Math.max(0, input.delayMs - Math.floor(ticks - askedAt)) };
}

/** `sendinvoice-…`: people read ids. */
export function newJobId(kind: string): string {
  return `${kind.replace(/Workflow$/, '').toLowerCase()}-${randomUUID()}`;
}

/** What a job's workflow and a group's have in common. */
export function startOptions(
  taskQueue: string,
  { queue, priority, dueAt }: Pick<NewJob, 'queue' | 'priority' | 'dueAt'>,
) {
  return {
    taskQueue,
    workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
    ...workflowPriority(priority),
    typedSearchAttributes: [
      { key: JobQueue, value: queue },
      { key: JobDueAt, value: new Date(dueAt) },
    ] satisfies SearchAttributePair[],
  };
}
