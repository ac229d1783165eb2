/** Starts many jobs at once: one workflow, in which each is an item. */
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { GROUP_WORKFLOW, itemId, type GroupInput, type GroupItem, type GroupMemo } from '../../job/group/groups.ts';
import { recordFromInput } from '../../job/job-record.ts';
import { viewJob } from '../../job/job-view.ts';
import { call } from '../rpc.ts';
import type { StartedJob } from '../jobs.ts';
import { inputNow, startOptions, type NewJob } from './new-job.ts';
import { hashRequestKey } from './request-key-hash.ts';

export interface GroupedJob extends NewJob {
  readonly requestKey: string | undefined;
}

/** @param jobs of one queue and priority, and no more than fit into a group */
export async function startGroup(client: Client, jobs: readonly [GroupedJob, ...GroupedJob[]]): Promise<StartedJob[]> {
  const groupId = `group-${randomUUID()}`;
  const [{ queue, priority }] = jobs;
  const dueAt = Math.min(...jobs.map((job) => job.dueAt));
  const ticks = performance.now();
  const started = jobs.map((job) => ({ ...job, input: inputNow(job, ticks) }));
  const input: GroupInput = { queue, ...(priority !== undefined && { priority }), items: started.map(itemOf) };
  const memo: GroupMemo = {
    jobs: jobs.length,
    requestKeys: jobs
      .flatMap(({ requestKey }) => (requestKey === undefined ? [] : hashRequestKey(requestKey)))
      .join(''),
  };
  await call(client, () =>
    client.workflow.start(GROUP_WORKFLOW, {
      ...startOptions({ queue, priority, dueAt }),
      workflowId: groupId,
      args: [input],
      memo: { ...memo },
    }),
  );
  const now = Date.now();
  return started.map((job, item) => {
    const record = recordFromInput(itemId(groupId, item), job.kind, now, { ...job.input, queue });
    return { job: viewJob(record), created: true };
  });
}

/** Queue and priority are the group's. */
function itemOf({ kind, input, requestKey }: GroupedJob): GroupItem {
  const { args, dueAt, delayMs, maxAttempts, retryDelaysMs } = input;
  return {
    kind,
    args,
    ...(dueAt !== undefined && { dueAt }),
    ...(delayMs !== undefined && { delayMs }),
    ...(maxAttempts !== undefined && { maxAttempts }),
    ...(retryDelaysMs !== undefined && { retryDelaysMs }),
    ...(requestKey !== undefined && { requestKey }),
  };
}
