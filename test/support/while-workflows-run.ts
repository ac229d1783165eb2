/** A worker of workflows alone, for tests that decide when workflows go on. */
import { Worker, type NativeConnection, type WorkflowBundleOption } from '@temporalio/worker';
import { inject } from 'vitest';
import { workflowSideActivities } from '../../src/activities/is-attempt-running.ts';
import { DEFAULT_TASK_QUEUE } from '../../src/contract/queues.ts';

/** @param workflowBundle @default ours */
export async function whileWorkflowsRun<T>(
  connection: NativeConnection,
  body: () => Promise<T>,
  workflowBundle: WorkflowBundleOption = { codePath: inject('workflowBundlePath') },
): Promise<T> {
  const worker = await Worker.create({
    connection,
    taskQueue: DEFAULT_TASK_QUEUE,
    workflowBundle,
    activities: workflowSideActivities,
    enableNonLocalActivities: false,
    stickyQueueScheduleToStartTimeout: '100ms',
  });
  return worker.runUntil(body());
}
