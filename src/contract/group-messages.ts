/**
 * What a group answers: the actions of a job, each with the number of the item that it is for, or for all of them where that is
 * missing; and what its chunks and it tell each other.
 */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { ChunkProgress, ChunkCancellations } from '../job/group/chunks.ts';
import type { GroupView } from '../job/group/groups.ts';
import type { JobChanges } from '../job/job-events.ts';
import type { JobView } from '../job/job.ts';

/** `null` or nothing: every item that the action is legal for. */
type Item = number | null | undefined;
type Answer = JobView | GroupView;

/** The view of one item that is still to do; what has ended is read out of the history. */
export const itemQuery = defineQuery<JobView, [item: number]>('job');
export const groupQuery = defineQuery<GroupView>('group');

/** Each answers with the item's new view, or the group's. There is no `retry`: a dead job has left its group. */
export const GROUP_UPDATES = {
  reschedule: defineUpdate<Answer, [item: Item, dueAt: string]>('reschedule'),
  runNow: defineUpdate<Answer, [item: Item]>('runNow'),
  pause: defineUpdate<Answer, [item: Item]>('pause'),
  resume: defineUpdate<Answer, [item: Item]>('resume'),
  discard: defineUpdate<Answer, [item: Item]>('discard'),
  edit: defineUpdate<Answer, [item: Item, changes: JobChanges]>('edit'),
} as const;

export const GROUP_SIGNALS = {
  reschedule: defineSignal<[item: Item, dueAt: string]>('reschedule'),
  runNow: defineSignal<[item: Item]>('runNow'),
  pause: defineSignal<[item: Item]>('pause'),
  resume: defineSignal<[item: Item]>('resume'),
  discard: defineSignal<[item: Item]>('discard'),
  edit: defineSignal<[item: Item, changes: JobChanges]>('edit'),
  /** The whole group is cancelled by Temporal's own request; one item by this. */
  cancel: defineSignal<[item: number]>('cancel'),
} as const;

export const chunkProgress = defineSignal<[news: ChunkProgress]>('chunkProgress');
export const chunkCancellations = defineQuery<ChunkCancellations, [chunk: string]>('chunkCancellations');
