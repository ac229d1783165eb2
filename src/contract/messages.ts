/**
 * Updates, signals and queries that jobs and groups answer. Temporal's CLI and Web UI send them by these names. A job and a group's item
 * share one definition: what the action takes comes first, and the item's number last, where there is one. To cancel a workflow, a job's own
 * or a whole group, Temporal has a request of its own, with which it closes as cancelled; `cancel` is for one item.
 */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import { ACTION_NAMES, type ActionName } from '../job/actions.ts';
import type { ChunkCancellations, ChunkProgress } from '../job/group/chunks.ts';
import type { GroupView } from '../job/group/groups.ts';
import type { JobChanges } from '../job/job-events.ts';
import type { JobView } from '../job/job.ts';

/** What an action takes. Temporal’s tools may leave it out where the action needs nothing. */
export interface ActionMessage {
  /** Of `reschedule`: ISO 8601 with its zone. */
  readonly dueAt?: string;
  /** Of `edit`. */
  readonly changes?: JobChanges;
  /** Who asks: a user, a token, `cli`. */
  readonly actor?: string;
  /** Set by a newer version: see `format.ts`. */
  readonly needs?: number;
}

/** Of a group's item its number; `null` or nothing for a job of its own, and for every job of a group. */
export type ItemNumber = number | null | undefined;

export type ActionArguments = [message: ActionMessage, item?: ItemNumber];

/** Each is validated, and answers with the new view of the job, or of the group where all of it was meant. */
export const UPDATES = ofEach((name) => defineUpdate<JobView | GroupView, ActionArguments>(name));

/** The same actions while no worker runs: Temporal keeps them until one is back. An illegal one is then ignored. */
export const SIGNALS = ofEach((name) => defineSignal<ActionArguments>(name));

/** A job's view, or an item's that is still to do. It says `queued` for a running job too, since a workflow cannot tell the two apart. */
export const jobQuery = defineQuery<JobView, [item?: number]>('job');
export const groupQuery = defineQuery<GroupView>('group');

export const chunkProgress = defineSignal<[progress: ChunkProgress]>('chunkProgress');
export const chunkCancellations = defineQuery<ChunkCancellations, [chunk: string]>('chunkCancellations');

function ofEach<T>(define: (name: ActionName) => T): Readonly<Record<ActionName, T>> {
  return Object.fromEntries(ACTION_NAMES.map((name) => [name, define(name)])) as Record<ActionName, T>;
}
