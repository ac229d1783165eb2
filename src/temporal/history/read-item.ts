/** A job that is in a group: folded out of the group's history, and of what the worker that has it in hand said last. */
import type { Client } from '@temporalio/client';
import { foldJob } from '../../job/fold-job.ts';
import type { AttemptReport } from '../../job/job.ts';
import { isAheadOfItsTime } from '../../job/job-record.ts';
import { readProgressOfChunk } from '../../job/group/read-chunk-end.ts';
import { orNone } from '../rpc.ts';
import { describeGroup, type ChunksInHand, type Description } from './describe-job.ts';
import type { JobHistory } from './fold-history.ts';
import { GroupRun } from './folded-runs.ts';
import type { GroupHistory } from './group-history.ts';
import type { JobSnapshot } from '../jobs.ts';
import { readOwn, snapshot, type ReadDependencies } from './read-job.ts';
import { readRun } from './run-history.ts';

export interface ItemAddress {
  readonly groupId: string;
  readonly item: number;
}

/** The newest run of a group, and what workers have of it. */
export interface GroupState extends Description {
  readonly history: GroupHistory;
  readonly chunks: ChunksInHand;
}

/** @throws {JobNotFoundError} */
export async function readGroupState({ client }: ReadDependencies, groupId: string): Promise<GroupState> {
  const history = await groupHistory(client, groupId);
  return { history, ...(await describeGroup(client, groupId)) };
}

/** @returns `undefined` when there is no such group, or no longer */
export async function readItem(
  deps: ReadDependencies,
  jobId: string,
  { groupId, item }: ItemAddress,
  reading = readGroupState(deps, groupId),
): Promise<JobSnapshot | undefined> {
  const state = await orNone(reading);
  const run = state && (await runWith(deps.client, state.history, item));
  if (!run) return undefined;
  if (run.hasLeft(item)) {
    // Between leaving and being there is a moment, in which the group still tells.
    const own = await orNone(readOwn(deps, jobId));
    if (own) return own;
  }
  return snapshotOfItem(deps, { ...state, history: run }, item);
}

/** @returns `undefined` when this run does not have it */
export async function snapshotOfItem(
  deps: ReadDependencies,
  { history: group, runId, taskTries, chunks }: GroupState,
  item: number,
): Promise<JobSnapshot | undefined> {
  const history = group.fold(item);
  if (!history) return undefined;
  const { record, running } = inHand(history, group, item, chunks);
  return snapshot(deps, { ...history, record }, { workflowId: group.groupId, runId, item, taskTries }, running);
}

/** @param runId the newest run by default @throws {JobNotFoundError} */
export async function groupHistory(client: Client, groupId: string, runId?: string): Promise<GroupHistory> {
  const run = await readRun(client, groupId, new GroupRun(groupId, client.options.loadedDataConverter), runId);
  return run.history();
}

/** The newest run that had the job: a run that continues as new takes only those along that are still to do. */
export async function runWith(client: Client, newest: GroupHistory, item: number): Promise<GroupHistory | undefined> {
  let run: GroupHistory | undefined = newest;
  while (run && !run.items.includes(item))
    run = run.previousRunId ? await orNone(groupHistory(client, run.groupId, run.previousRunId)) : undefined;
  return run;
}

/** A worker may know more than the group does: heartbeats tell it before the chunk is back. */
export function inHand(
  { record }: JobHistory,
  group: GroupHistory,
  item: number,
  chunks: ChunksInHand,
): { readonly record: JobHistory['record']; readonly running: AttemptReport | undefined } {
  if (record.phase !== 'attempting') return { record, running: undefined };
  const report = chunks.get(group.chunkOf(item) ?? '');
  if (!report) return { record: asLongAsItWaits(record), running: undefined };
  const over = readProgressOfChunk(report).get(item);
  if (over) {
    const at = (over.type === 'attemptEnded' && over.end.report?.endedAt) || report.startedAt;
    return { record: foldJob(record, { ...over, at }), running: undefined };
  }
  const begun = report.begun.find((attempt) => attempt.item === item);
  if (!begun) return { record: asLongAsItWaits(record), running: undefined };
  const { item: _item, ...running } = begun;
  return { record, running: { ...running, worker: report.worker } };
}

/** Groups hand their jobs out ahead of their time, which is nobody's business. */
function asLongAsItWaits(record: JobHistory['record']): JobHistory['record'] {
  const isWaiting = isAheadOfItsTime(record, Date.now()) && !record.cancelRequested;
  return isWaiting ? foldJob(record, { type: 'attemptReturned', at: Date.now() }) : record;
}
