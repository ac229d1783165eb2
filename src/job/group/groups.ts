/** Groups: many jobs that were acknowledged together, in one workflow. Each stays a job, with an id of its own. */
import type { JobArgs } from '../job.ts';
import type { JobOptions } from '../job-options.ts';
import type { JobRecord } from '../job-record.ts';
import type { JobState } from '../job-states.ts';

/** Workflow type of every group. */
export const GROUP_WORKFLOW = 'GroupWorkflow';

/** Options that jobs of a group may differ in. All of them travel in groups. */
export type GroupItemOptions = Omit<JobOptions, 'travels'>;

/** A job as it stands in its group's input. Options that it leaves out are those of its kind in the group's table. */
export interface GroupItem extends Partial<GroupItemOptions> {
  readonly kind: string;
  readonly args: JobArgs;
  /** ISO 8601. @default at once */
  readonly dueAt?: string;
  /** Instead of `dueAt`: counted from the group's start, by Temporal's clock. @format milliseconds */
  readonly delayMs?: number;
  /** By this a repeated request finds its first job. */
  readonly requestKey?: string;
}

/** Input of a `GroupWorkflow`. */
export interface GroupInput {
  readonly queue: string;
  /** Of all its jobs. @default 3 */
  readonly priority?: number;
  /** Options of its jobs, by their kinds. */
  readonly kinds?: Readonly<Record<string, GroupItemOptions>>;
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

/** The number of a job that came in this group, or `undefined` for another job. */
export function itemNumber(groupId: string, jobId: string): number | undefined {
  const number = jobId.startsWith(`${groupId}.`) ? jobId.slice(groupId.length + 1) : '';
  return /^(?:0|[1-9]\d{0,5})$/.test(number) ? Number(number) : undefined;
}
