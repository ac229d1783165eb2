/** Tells a workflow what Temporal does not: whether a worker has taken the attempt that it waits for. */
import { Context } from '@temporalio/activity';
import type { WorkflowSideActivities } from '../contract/workflow-side.ts';

/** `STARTED` and `CANCEL_REQUESTED` of Temporal's `PendingActivityState`: a worker has it. */
const TAKEN = new Set([2, 3]);

export const workflowSideActivities: WorkflowSideActivities = {
  async isAttemptRunning() {
    const { client, info } = Context.current();
    const { workflowId, runId } = info.workflowExecution ?? { workflowId: '', runId: '' };
    const description = await client.workflow.getHandle(workflowId, runId).describe();
    return (description.raw.pendingActivities ?? []).some((activity) => TAKEN.has(Number(activity.state)));
  },
};
