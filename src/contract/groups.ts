/** Groups: many jobs that were acknowledged together, in one workflow. Each stays a job, with an id of its own. */
import type { JobArgs, JobKind } from './job-kinds.ts';
import { isJobKind, JOB_KINDS } from './job-kinds.ts';
import type { JobInput } from './job.ts';
import { parseTime, type JobRecord } from './job-record.ts';
import type { JobState } from './job-states.ts';
import { LIMITS } from './limits.ts';
import { QUEUE_NAME_PATTERN } from './queues.ts';

/** Workflow type of every group. */
export const GROUP_WORKFLOW = 'GroupWorkflow';

/** A job as it stands in its group's input; what is absent comes from the catalogue, as for a job of its own. */
export interface GroupItem<K extends JobKind = JobKind> {
  readonly kind: K;
  readonly args: JobArgs<K>;
  /** ISO 8601. @default at once */
  readonly dueAt?: string;
  readonly maxAttempts?: number;
  /** @format milliseconds */
  readonly ladderMs?: readonly number[];
  /** By this a repeated request finds its first job. */
  readonly requestKey?: string;
}

/** Input of a `GroupWorkflow`. */
export interface GroupInput {
  readonly queue: string;
  /** At most `LIMITS.groupItems`. An item's number, from 0, is its place here. */
  readonly items: readonly GroupItem[];
  /** What the last run handed on, when the workflow continues as new: the jobs that were still to do, and no `items`. */
  readonly carried?: GroupCarried;
}

export interface GroupCarried {
  readonly jobs: readonly JobRecord[];
  readonly chunks: number;
  readonly chunkSize: number;
  readonly summary: GroupSummary;
}

/** Result of a `GroupWorkflow`: how many of its jobs ended as what. `left`: went on as jobs of their own. */
export type GroupSummary = Readonly<Partial<Record<JobState | 'left', number>>>;

/** A group as its query answers. A job that has left is counted as `left`, whatever became of it. */
export interface GroupView {
  readonly id: string;
  readonly queue: string;
  readonly counts: GroupSummary;
}

/** What a group tells of itself in its memo, which lists carry. */
export interface GroupMemo {
  readonly jobs: number;
  /** Short hashes of the items' request keys, end to end. */
  readonly requestKeys: string;
}

/** Whether jobs of this kind may travel in a group. */
export function travelsInGroups(kind: JobKind): boolean {
  return JOB_KINDS[kind].travels === 'inGroups';
}

export function itemId(groupId: string, item: number): string {
  return `${groupId}.${item}`;
}

const GROUP_ID = /^group-[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;
const ITEM_ID = /^(?<groupId>group-[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})\.(?<item>0|[1-9]\d{0,5})$/;

export function isGroupId(id: string): boolean {
  return GROUP_ID.test(id);
}

/** Where a job with this id started, or `undefined` for one that always was on its own. Callers' keys never look like this. */
export function itemAddress(jobId: string): { readonly groupId: string; readonly item: number } | undefined {
  const { groupId, item } = ITEM_ID.exec(jobId)?.groups ?? {};
  return groupId === undefined ? undefined : { groupId, item: Number(item) };
}

/** Numbers of the jobs that a run begins with. */
export function itemNumbers({ items, carried }: GroupInput): number[] {
  return carried ? carried.jobs.map(({ id }) => itemAddress(id)?.item ?? -1) : [...items.keys()];
}

/** The item as a job of its own would be started, or `undefined` when it is not in this run. */
export function itemAsJob(
  input: GroupInput,
  item: number,
): { readonly kind: string; readonly input: JobInput } | undefined {
  const { queue } = input;
  const carried = input.carried?.jobs.find(({ id }) => itemAddress(id)?.item === item);
  if (carried) return { kind: carried.kind, input: { args: carried.args as JobInput['args'], queue, record: carried } };
  const found = input.items[item];
  if (!found) return undefined;
  const { kind, requestKey: _requestKey, ...rest } = found;
  return { kind, input: { ...rest, queue } };
}

/** Groups can be started past our client, with anything as their input. @returns what is wrong with it */
export function problemWith(input: unknown): string | undefined {
  if (typeof input !== 'object' || input === null) return 'a group takes an object with queue and items';
  const { queue, items } = input as Partial<GroupInput>;
  if (typeof queue !== 'string' || !QUEUE_NAME_PATTERN.test(queue)) return 'queue names no queue';
  if (!Array.isArray(items)) return 'items is no list';
  if (items.length > LIMITS.groupItems) return `items has ${items.length} jobs, and ${LIMITS.groupItems} are possible`;
  for (const [item, { kind, dueAt }] of (items as readonly GroupItem[]).entries()) {
    if (!isJobKind(kind) || !travelsInGroups(kind)) return `item ${item} is of no kind that travels in groups`;
    if (dueAt !== undefined && parseTime(dueAt) === undefined) return `item ${item} has no usable dueAt`;
  }
  return undefined;
}
