/** Jobs in trouble go on as workflows of their own, under the ids that they always had, from where they stand. */
import { WorkflowExecutionAlreadyStartedError, type SearchAttributePair } from '@temporalio/common';
import { ParentClosePolicy, startChild, workflowInfo } from '@temporalio/workflow';
import { BUDGETS } from '../../../contract/budgets.ts';
import { clip, jsonBytes } from '../../../contract/clip.ts';
import { stateOf, type JobRecord } from '../../../job/job-record.ts';
import type { JobInput } from '../../../job/job-record.ts';
import { WORKFLOW_TASK_TIMEOUT, workflowPriority } from '../../../contract/queues.ts';
import { JobDueAt, JobError, JobGroup, JobQueue, JobState } from '../../../contract/search-attributes.ts';
import { isOffTheHappyPath } from '../listed-state.ts';
import type { TaskRoom } from '../workflow-task.ts';
import type { Item } from './item.ts';
import { START_BYTES } from '../decisions.ts';

/**
 * Hundreds may fail at one moment: as many leave as fit into the workflow task under way.
 * @returns whether these are all; the others have their turn once one of these has started
 */
export function detachFromGroup(groupId: string, items: readonly Item[], room: TaskRoom): boolean {
  for (const item of items) {
    const bytes = jsonBytes(item.record) + START_BYTES;
    if (!room.isThereFor(bytes)) return false;
    room.take(bytes);
    item.leave(startJob(groupId, item.record));
  }
  return true;
}

async function startJob(groupId: string, { args, ...record }: JobRecord): Promise<void> {
  const input: JobInput = { args: args as JobInput['args'], queue: record.queue, record };
  try {
    await startChild(record.kind, {
      workflowId: record.id,
      taskQueue: workflowInfo().taskQueue,
      args: [input],
      workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
      ...workflowPriority(record.priority),
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
