/** Actions every job of a group that is still in it, as far as each one's state allows. */
import { FAILURE } from '../../contract/failures.ts';
import { call, isNotFound } from '../rpc.ts';
import { InvalidActionError, JobNotFoundError, TooManyActionsError } from '../errors.ts';
import type { GroupActionRequest, GroupSnapshot } from '../jobs.ts';
import type { ActionDependencies } from './act-on-job.ts';
import { readGroup } from '../history/read-group.ts';
import { ANSWER_WITHIN_MS, isSilence, refusalIn } from './updates.ts';

/** @throws {JobNotFoundError} @throws {InvalidActionError} @throws {TooManyActionsError} */
export async function actOnGroup(
  deps: ActionDependencies,
  groupId: string,
  action: GroupActionRequest,
): Promise<GroupSnapshot> {
  const { client } = deps;
  const handle = client.workflow.getHandle(groupId);
  // Nothing stands for all of its jobs.
  const args: [null, ...string[]] = action.type === 'reschedule' ? [null, action.dueAt] : [null];
  try {
    if (action.type === 'cancel') await call(client, () => handle.cancel(), { jobId: groupId });
    else await call(client, () => handle.executeUpdate(action.type, { args }), { timeoutMs: ANSWER_WITHIN_MS });
  } catch (error) {
    if (!isSilence(error) || action.type === 'cancel') throw refusal(groupId, error);
    await deps.deferred.send({ jobId: groupId, workflowId: groupId, name: action.type, args });
  }
  return readGroup(deps, groupId);
}

function refusal(groupId: string, error: unknown): unknown {
  const cause = refusalIn(error);
  if (cause?.type === FAILURE.actionInvalid) return new InvalidActionError(cause.message);
  if (cause?.type === FAILURE.busy) return new TooManyActionsError(cause.message);
  return isNotFound(error) ? new JobNotFoundError(groupId) : error;
}
