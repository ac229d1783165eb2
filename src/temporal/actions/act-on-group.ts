/** Acts on every job of a group that is still in it, as far as each one's state allows. */
import type { GroupView } from '../../job/group/groups.ts';
import { FAILURE } from '../../contract/failures.ts';
import { InvalidActionError, JobNotFoundError, TooManyActionsError } from '../errors.ts';
import { readGroup } from '../history/read-group.ts';
import type { GroupActionRequest, GroupSnapshot } from '../jobs.ts';
import { isNotFound } from '../rpc.ts';
import type { ActionDependencies } from './act-on-job.ts';
import { argumentsOf, askForAction, checkInput, refusalIn, requestCancel } from './ask-for-action.ts';

/** @throws {JobNotFoundError} @throws {InvalidActionError} @throws {TooManyActionsError} */
export async function actOnGroup(
  deps: ActionDependencies,
  groupId: string,
  action: GroupActionRequest,
): Promise<GroupSnapshot> {
  checkInput(action);
  try {
    if (action.type === 'cancel') {
      await requestCancel(deps.client, groupId, action.actor);
      return await readGroup(deps, groupId);
    }
    const isServed = (await deps.workers.presence(deps.taskQueue)) !== 'none';
    const answer = isServed && (await askForAction<GroupView>(deps.client, { workflowId: groupId }, action));
    if (!answer)
      await deps.signalled.send({
        jobId: groupId,
        workflowId: groupId,
        name: action.type,
        args: argumentsOf(action, undefined),
      });
  } catch (error) {
    // Once it has ended, nothing in it takes any action; one that never was is not found.
    if (!isGone(error)) throw refusal(error);
  }
  return readGroup(deps, groupId);
}

function isGone(error: unknown): boolean {
  return isNotFound(error) || error instanceof JobNotFoundError;
}

function refusal(error: unknown): unknown {
  const cause = refusalIn(error);
  if (cause?.type === FAILURE.actionInvalid) return new InvalidActionError(cause.message);
  return cause?.type === FAILURE.busy ? new TooManyActionsError(cause.message) : error;
}
