/** How the client side asks for an action by an update, and reads what came of it. */
import { WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { TemporalUnreachableError } from '../errors.ts';

/** A workflow that does not answer its update within this time has no worker, or one that is busy. @format milliseconds */
export const ANSWER_WITHIN_MS = 2_000;

export function isSilence(error: unknown): boolean {
  return error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || error instanceof TemporalUnreachableError;
}

/** Why a workflow refused its update, or `undefined` for another error. */
export function refusalIn(error: unknown): ApplicationFailure | undefined {
  const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
  return cause instanceof ApplicationFailure ? cause : undefined;
}
