/** Tells a workflow what Temporal does not: whether a worker has taken the attempt that it waits for. */
import { Context } from '@temporalio/activity';
import { takenAttempt } from '../job/pending-attempt.ts';
import type { WorkflowSideActivities } from '../contract/workflow-side.ts';

export const workflowSideActivities: WorkflowSideActivities = {
  async isAttemptRunning() {
    const { client, info } = Context.current();
    const { workflowId, runId } = info.workflowExecution ?? { workflowId: '', runId: '' };
    const description = await client.workflow.getHandle(workflowId, runId).describe();
    return takenAttempt(description.raw.pendingActivities) !== undefined;
  },
};
