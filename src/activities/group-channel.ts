/** What a running chunk and its group say to each other, over the worker's own connection. */
import type { Context } from '@temporalio/activity';
import { encodeToPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';
import type { ChunkReport, ChunkCancellations } from '../job/group/chunks.ts';
import { chunkProgress, chunkCancellations } from '../contract/messages.ts';

export interface GroupChannel {
  /** @param id two reports with one id are one to Temporal @returns whether the group has it */
  tell(report: ChunkReport, id: string): Promise<boolean>;
  /** @returns `undefined` when the group does not answer */
  cancellations(): Promise<ChunkCancellations | undefined>;
}

/** A group that cannot be reached now is asked again. @format milliseconds */
const ANSWER_WITHIN_MS = 2_500;

export function groupChannel({ client, info }: Context): GroupChannel {
  const { workflowId, runId } = info.workflowExecution ?? { workflowId: '', runId: '' };
  const group = client.workflow.getHandle(workflowId, runId);
  // With a signal of its own: the activity's, which its client has by itself, is aborted when the group calls it back.
  const say = async <T>(rpc: () => Promise<T>): Promise<T> =>
    client.withAbortSignal(AbortSignal.timeout(ANSWER_WITHIN_MS), () =>
      client.withDeadline(Date.now() + ANSWER_WITHIN_MS, rpc),
    );
  return {
    async tell(report, requestId) {
      const { namespace, loadedDataConverter } = client.options;
      const payloads = await encodeToPayloads(loadedDataConverter, { chunk: info.activityId, report });
      const signal = {
        namespace,
        requestId,
        workflowExecution: { workflowId, runId },
        signalName: chunkProgress.name,
        input: { payloads: payloads ?? [] },
      };
      return say(() => client.workflowService.signalWorkflowExecution(signal)).then(
        () => true,
        () => false,
      );
    },
    cancellations: () => say(() => group.query(chunkCancellations, info.activityId)).catch(() => undefined),
  };
}
