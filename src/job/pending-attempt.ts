/** Picks the attempt that a worker has out of a workflow's description: what neither its history nor the workflow can tell. */
import type { temporal } from '@temporalio/proto';

type PendingActivity = temporal.api.workflow.v1.IPendingActivityInfo;

/** `STARTED` and `CANCEL_REQUESTED` of Temporal's `PendingActivityState`: a worker has it. */
const TAKEN: ReadonlySet<number> = new Set([2, 3]);

/** @returns `undefined` while the attempt waits in its queue, or when there is none */
export function takenAttempt(pending: readonly PendingActivity[] | null | undefined): PendingActivity | undefined {
  return pending?.find(isTaken);
}

export function isTaken({ state }: PendingActivity): boolean {
  return TAKEN.has(Number(state));
}
