/** A job in trouble goes on as a workflow of its own, under the id that it always had, from where it stands. */
import { WorkflowExecutionAlreadyStartedError, type SearchAttributePair } from '@temporalio/common';
import { ParentClosePolicy, startChild } from '@temporalio/workflow';
import { BUDGETS } from '../../../contract/budgets.ts';
import { clip } from '../../../contract/clip.ts';
import { stateOf, type JobRecord } from '../../../contract/job-record.ts';
import type { JobInput } from '../../../contract/job.ts';
import { WORKFLOW_TASK_QUEUE, WORKFLOW_TASK_TIMEOUT } from '../../../contract/queues.ts';
import { JobDueAt, JobError, JobGroup, JobQueue, JobState } from '../../../contract/search-attributes.ts';
import { isOffTheHappyPath } from '../listed-state.ts';
import type { Item } from './item.ts';

export function leaveGroup(groupId: string, item: Item): void {
  item.leave(startJob(groupId, item.record));
}

async function startJob(groupId: string, { args, ...record }: JobRecord): Promise<void> {
  const input: JobInput = { args: args as JobInput['args'], queue: record.queue, record };
  try {
    await startChild(record.kind, {
      workflowId: record.id,
      taskQueue: WORKFLOW_TASK_QUEUE,
      args: [input],
      workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      // The group ends when it has nothing more to do; this job goes on.
      parentClosePolicy: ParentClosePolicy.ABANDON,
      typedSearchAttributes: searchAttributes(groupId, { ...record, args }),
    });
  } catch (error) {
    // It has left already: an earlier run of the group did not get to know.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

function searchAttributes(groupId: string, record: JobRecord): SearchAttributePair[] {
  const state = stateOf(record);
  return [
    { key: JobGroup, value: groupId },
    { key: JobQueue, value: record.queue },
    { key: JobDueAt, value: new Date(record.dueAt) },
    ...(isOffTheHappyPath(state) ? [{ key: JobState, value: state }] : []),
    ...(record.error ? [{ key: JobError, value: clip(record.error.type, BUDGETS.errorType) }] : []),
  ];
}
