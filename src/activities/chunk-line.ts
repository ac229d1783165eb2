/** What a running chunk and its group say to each other, over the worker's own connection. */
import type { Context } from '@temporalio/activity';
import type { ChunkReport, ChunkWishes } from '../contract/chunks.ts';
import { chunkNews, chunkWishes } from '../contract/group-messages.ts';

export interface ChunkLine {
  /** @returns whether the group has it */
  tell(report: ChunkReport): Promise<boolean>;
  /** @returns `undefined` when the group does not answer */
  wishes(): Promise<ChunkWishes | undefined>;
}

/** Whoever cannot be reached now is asked again. @format milliseconds */
const ANSWER_WITHIN_MS = 2_500;

export function chunkLine({ client, info }: Context): ChunkLine {
  const { workflowId, runId } = info.workflowExecution ?? { workflowId: '', runId: '' };
  const group = client.workflow.getHandle(workflowId, runId);
  // With a signal of its own: the activity's, which its client has by itself, is aborted when the group calls it back.
  const say = async <T>(rpc: () => Promise<T>): Promise<T> =>
    client.withAbortSignal(AbortSignal.timeout(ANSWER_WITHIN_MS), () =>
      client.withDeadline(Date.now() + ANSWER_WITHIN_MS, rpc),
    );
  return {
    tell: (report) =>
      say(() => group.signal(chunkNews, { chunk: info.activityId, report })).then(
        () => true,
        () => false,
      ),
    wishes: () => say(() => group.query(chunkWishes, info.activityId)).catch(() => undefined),
  };
}
