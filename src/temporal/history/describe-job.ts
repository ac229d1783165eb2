/** What Temporal's description of a workflow adds to its history: what a worker has in hand, and what it said last. */
import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { type ChunkReport } from '../../job/group/chunks.ts';
import { asChunkReport } from '../../job/group/read-chunk-report.ts';
import type { AttemptReport } from '../../job/job.ts';
import { isTaken, takenAttempt } from '../../job/pending-attempt.ts';
import { readReport } from '../../job/read-report.ts';
import { call } from '../rpc.ts';
import { decodeList, timeOf } from './decode.ts';

type PendingActivity = temporal.api.workflow.v1.IPendingActivityInfo;

type WorkflowDescription = Pick<
  temporal.api.workflowservice.v1.IDescribeWorkflowExecutionResponse,
  'pendingWorkflowTask'
>;

export interface Description {
  readonly runId: string;
  /** At the workflow task that waits or is under way; 0 when there is none. */
  readonly taskTries: number;
}

/** @throws {JobNotFoundError} */
export async function describeJob(
  client: Client,
  jobId: string,
): Promise<Description & { readonly running?: AttemptReport }> {
  const { raw, runId } = await call(client, () => client.workflow.getHandle(jobId).describe(), { jobId });
  const description = { runId, taskTries: triesOf(raw) };
  const pending = takenAttempt(raw.pendingActivities);
  if (!pending) return description;
  // Before its first heartbeat the server knows no more than this.
  return { ...description, running: readReport(await lastHeartbeat(client, pending)) ?? takenBy(pending) };
}

/** Chunks that workers have in hand, by their activity ids. `undefined`: no heartbeat yet. */
export type ChunksInHand = ReadonlyMap<string, ChunkReport | undefined>;

/** @throws {JobNotFoundError} */
export async function describeGroup(
  client: Client,
  groupId: string,
): Promise<Description & { readonly chunks: ChunksInHand }> {
  const { raw, runId } = await call(client, () => client.workflow.getHandle(groupId).describe(), { jobId: groupId });
  const chunks = new Map<string, ChunkReport | undefined>();
  for (const pending of raw.pendingActivities ?? [])
    if (isTaken(pending)) chunks.set(pending.activityId ?? '', asChunkReport(await lastHeartbeat(client, pending)));
  return { runId, taskTries: triesOf(raw), chunks };
}

function triesOf({ pendingWorkflowTask }: WorkflowDescription): number {
  return pendingWorkflowTask?.attempt ?? 0;
}

async function lastHeartbeat(client: Client, { heartbeatDetails }: PendingActivity): Promise<unknown> {
  const [said] = await decodeList(client.options.loadedDataConverter, heartbeatDetails);
  return said;
}

function takenBy(pending: PendingActivity): AttemptReport {
  return { startedAt: timeOf(pending.lastStartedTime), worker: pending.lastWorkerIdentity ?? 'unknown' };
}
