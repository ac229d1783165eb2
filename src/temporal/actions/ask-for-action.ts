/** An action on its way to a workflow: as an update, which the workflow checks and answers, or as a signal that Temporal keeps for it. */
import { randomUUID } from 'node:crypto';
import { WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError, type Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { ActionMessage } from '../../contract/messages.ts';
import { isTooFarAway } from '../../job/field-checks.ts';
import type { Action } from '../../job/job-events.ts';
import { readAction, TOO_FAR_AWAY } from '../../job/read-action.ts';
import { InvalidActionError, TemporalUnreachableError } from '../errors.ts';
import type { ActionRequest } from '../jobs.ts';
import { call } from '../rpc.ts';

/** A workflow that does not answer its update within this time has no worker, or one that is busy. @format milliseconds */
const ANSWER_WITHIN_MS = 2_000;

export interface ActionAddress {
  readonly workflowId: string;
  /** Of a group, which wants to know which of its jobs is meant. */
  readonly item?: number | undefined;
}

/** What the workflow is told: the same for a job of its own and for a group's, as an update and as a signal. */
export function argumentsOf(action: ActionRequest, item: number | undefined): [ActionMessage, ...number[]] {
  const { type: _name, ...message } = action;
  return item === undefined ? [message] : [message, item];
}

/** For where no workflow says so. @throws {InvalidActionError} when nobody could ever make it */
export function checkInput(action: ActionRequest): void {
  let read: Action;
  try {
    read = readAction(action.type, argumentsOf(action, undefined)[0]);
  } catch (error) {
    throw error instanceof ApplicationFailure ? new InvalidActionError(error.message) : error;
  }
  if (read.type === 'reschedule' && isTooFarAway(read.dueAt, Date.now())) throw new InvalidActionError(TOO_FAR_AWAY);
}

/** @returns the workflow's answer, or `undefined` when none came in time */
export async function askForAction<View>(
  client: Client,
  { workflowId, item }: ActionAddress,
  action: ActionRequest,
): Promise<View | undefined> {
  const handle = client.workflow.getHandle(workflowId);
  const args = argumentsOf(action, item);
  try {
    return await call(client, async () => handle.executeUpdate<View, typeof args>(action.type, { args }), {
      timeoutMs: ANSWER_WITHIN_MS,
    });
  } catch (error) {
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || error instanceof TemporalUnreachableError)
      return undefined;
    throw error;
  }
}

/**
 * Temporal keeps the request itself, so nothing is lost without a worker, and the workflow closes as cancelled. Who asks goes as its
 * reason.
 */
export async function requestCancel(client: Client, workflowId: string, actor = ''): Promise<void> {
  const { namespace, identity } = client.options;
  const request = { namespace, identity, reason: actor, workflowExecution: { workflowId }, requestId: randomUUID() };
  await call(client, async () => client.workflowService.requestCancelWorkflowExecution(request), { jobId: workflowId });
}

/** Why a workflow refused its update, or `undefined` for another error. */
export function refusalIn(error: unknown): ApplicationFailure | undefined {
  const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
  return cause instanceof ApplicationFailure ? cause : undefined;
}
