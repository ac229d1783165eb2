/**
 * Jobs that cannot go on: their workflow's tasks fail again and again, by a fault of ours or a worker of another version. Nothing of
 * them is lost, and nothing happens until somebody mends it.
 */
import type { Client } from '@temporalio/client';
import { JobQueue, TemporalReportedProblems } from '../contract/search-attributes.ts';
import { call } from './rpc.ts';

/** One task may fail for a moment's reason, such as a worker that was killed at it. */
const FAILED_IN_A_ROW = 3;
/** Names in a log line. */
const LISTED = 20;

const STUCK = `${TemporalReportedProblems.name} IS NOT NULL AND ExecutionStatus = 'Running' AND ${JobQueue.name} IS NOT NULL`;

export interface StuckJobs {
  readonly count: number;
  /** Of the first few, jobs or groups. */
  readonly ids: readonly string[];
}

export const NONE_STUCK: StuckJobs = { count: 0, ids: [] };

/** One count, which is nothing nearly always. */
export async function findStuck(client: Client): Promise<StuckJobs> {
  return call(client, async () => {
    const { count } = await client.workflow.count(STUCK);
    const ids: string[] = [];
    if (count > 0)
      for await (const { workflowId } of client.workflow.list({ query: STUCK, pageSize: LISTED })) {
        ids.push(workflowId);
        if (ids.length === LISTED) break;
      }
    return { count, ids };
  });
}

/** @param tries at the workflow task that waits, this one included @returns why it cannot go on, or `null` while it can */
export function whyStuck(tries: number, taskFailure: string | undefined): string | null {
  return tries > FAILED_IN_A_ROW ? (taskFailure ?? 'its workflow tasks fail') : null;
}
