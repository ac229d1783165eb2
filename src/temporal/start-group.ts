/** Starts many jobs at once: one workflow, in which each is an item. */
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { GROUP_WORKFLOW, itemId, type GroupInput, type GroupItem, type GroupMemo } from '../contract/groups.ts';
import { recordFromInput } from '../contract/job-record.ts';
import { viewJob } from '../contract/job-view.ts';
import { WORKFLOW_TASK_QUEUE, WORKFLOW_TASK_TIMEOUT } from '../contract/queues.ts';
import { JobDueAt, JobQueue } from '../contract/search-attributes.ts';
import { call } from './calls.ts';
import type { StartedJob } from './jobs.ts';
import type { NewJob } from './new-job.ts';
import { hashRequestKey } from './request-key-hash.ts';

export interface GroupedJob extends NewJob {
  readonly requestKey: string | undefined;
}

/** @param jobs of one queue and priority, and no more than fit into a group */
export async function startGroup(client: Client, jobs: readonly [GroupedJob, ...GroupedJob[]]): Promise<StartedJob[]> {
  const groupId = `group-${randomUUID()}`;
  const [{ queue, input: first }] = jobs;
  const { priority } = first;
  const input: GroupInput = { queue, ...(priority !== undefined && { priority }), items: jobs.map(itemOf) };
  const memo: GroupMemo = {
    jobs: jobs.length,
    requestKeys: jobs
      .flatMap(({ requestKey }) => (requestKey === undefined ? [] : hashRequestKey(requestKey)))
      .join(''),
  };
  await call(client, () =>
    client.workflow.start(GROUP_WORKFLOW, {
      workflowId: groupId,
      taskQueue: WORKFLOW_TASK_QUEUE,
      args: [input],
      memo: { ...memo },
      workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
      ...(priority !== undefined && { priority: { priorityKey: priority } }),
      typedSearchAttributes: [
        { key: JobQueue, value: queue },
        { key: JobDueAt, value: new Date(Math.min(...jobs.map(({ dueAt }) => dueAt))) },
      ],
    }),
  );
  const now = Date.now();
  return jobs.map((job, item) => {
    const record = recordFromInput(itemId(groupId, item), job.kind, now, { ...job.input, queue });
    return { job: viewJob(record), created: true };
  });
}

/** Queue and priority are the group's. */
function itemOf({ kind, input, requestKey }: GroupedJob): GroupItem {
  const { args, dueAt, maxAttempts, ladderMs } = input;
  return {
    kind,
    args,
    ...(dueAt !== undefined && { dueAt }),
    ...(maxAttempts !== undefined && { maxAttempts }),
    ...(ladderMs !== undefined && { ladderMs }),
    ...(requestKey !== undefined && { requestKey }),
  };
}
