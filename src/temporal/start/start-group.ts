/** Starts many jobs at once: one workflow, in which each is an item. */
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import {
  GROUP_WORKFLOW,
  itemId,
  type GroupInput,
  type GroupItem,
  type GroupItemOptions,
  type GroupMemo,
} from '../../job/group/groups.ts';
import type { JobOptions } from '../../job/job-options.ts';
import { recordFromInput } from '../../job/job-record.ts';
import { viewJob } from '../../job/job-view.ts';
import { call } from '../rpc.ts';
import type { StartedJob } from '../jobs.ts';
import { inputNow, startOptions, type NewJob } from './new-job.ts';
import { hashRequestKey } from './request-key-hash.ts';

interface GroupStartDependencies {
  readonly client: Client;
  readonly taskQueue: string;
}

export interface GroupedJob extends NewJob {
  readonly requestKey: string | undefined;
}

/** @param jobs of one queue and priority, and no more than fit into a group */
export async function startGroup(
  { client, taskQueue }: GroupStartDependencies,
  jobs: readonly [GroupedJob, ...GroupedJob[]],
): Promise<StartedJob[]> {
  const groupId = `group-${randomUUID()}`;
  const [{ queue, priority }] = jobs;
  const dueAt = Math.min(...jobs.map((job) => job.dueAt));
  const ticks = performance.now();
  const started = jobs.map((job) => ({ ...job, input: inputNow(job, ticks) }));
  const table = optionsByKind(jobs);
  const kinds: GroupInput['kinds'] = Object.fromEntries(
    [...table].map(([kind, options]) => [kind, itemOptions(options)]),
  );
  const items = started.map((job) => itemOf(job, table));
  const input: GroupInput = { queue, ...(priority !== undefined && { priority }), kinds, items };
  const memo: GroupMemo = {
    jobs: jobs.length,
    requestKeys: jobs
      .flatMap(({ requestKey }) => (requestKey === undefined ? [] : hashRequestKey(requestKey)))
      .join(''),
  };
  await call(client, () =>
    client.workflow.start(GROUP_WORKFLOW, {
      ...startOptions(taskQueue, { queue, priority, dueAt }),
      workflowId: groupId,
      args: [input],
      memo: { ...memo },
    }),
  );
  const now = Date.now();
  return started.map((job, item) => {
    const record = recordFromInput(itemId(groupId, item), job.kind, now, { ...job.input, ...job.options });
    return { job: viewJob(record), created: true };
  });
}

/** Those of the first job of each kind: most others of that kind have the same. */
function optionsByKind(jobs: readonly GroupedJob[]): ReadonlyMap<string, JobOptions> {
  const table = new Map<string, JobOptions>();
  for (const { kind, options } of jobs) if (!table.has(kind)) table.set(kind, options);
  return table;
}

function itemOptions({ maxAttempts, retryDelaysMs, timeoutMs }: JobOptions): GroupItemOptions {
  return { maxAttempts, retryDelaysMs, timeoutMs };
}

/** Queue and priority are the group's. */
function itemOf({ kind, input, options, requestKey }: GroupedJob, table: ReadonlyMap<string, JobOptions>): GroupItem {
  const { args, dueAt, delayMs } = input;
  return {
    kind,
    args,
    ...(dueAt !== undefined && { dueAt }),
    ...(delayMs !== undefined && { delayMs }),
    ...(table.get(kind) !== options && itemOptions(options)),
    ...(requestKey !== undefined && { requestKey }),
  };
}
