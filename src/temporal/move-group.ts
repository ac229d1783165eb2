/** Moves every job of a group that is still in it, as far as each one's state allows. */
import { FAILURE } from '../contract/failures.ts';
import { call, isNotFound } from './calls.ts';
import { InvalidMoveError, JobNotFoundError, TooManyMovesError } from './errors.ts';
import type { AskedGroupMove, GroupSnapshot } from './jobs.ts';
import type { MoveDependencies } from './move-job.ts';
import { readGroup } from './read-group.ts';
import { ANSWER_WITHIN_MS, isSilence, refusalIn } from './updates.ts';

/** @throws {JobNotFoundError} @throws {InvalidMoveError} @throws {TooManyMovesError} */
export async function moveGroup(deps: MoveDependencies, groupId: string, move: AskedGroupMove): Promise<GroupSnapshot> {
  const { client } = deps;
  const handle = client.workflow.getHandle(groupId);
  // Nothing stands for all of its jobs.
  const args: [null, ...string[]] = move.type === 'reschedule' ? [null, move.dueAt] : [null];
  try {
    if (move.type === 'cancel') await call(client, () => handle.cancel(), { jobId: groupId });
    else await call(client, () => handle.executeUpdate(move.type, { args }), { timeoutMs: ANSWER_WITHIN_MS });
  } catch (error) {
    if (!isSilence(error) || move.type === 'cancel') throw refusal(groupId, error);
    await deps.deferred.send({ jobId: groupId, workflowId: groupId, name: move.type, args });
  }
  return readGroup(deps, groupId);
}

function refusal(groupId: string, error: unknown): unknown {
  const cause = refusalIn(error);
  if (cause?.type === FAILURE.moveInvalid) return new InvalidMoveError(cause.message);
  if (cause?.type === FAILURE.busy) return new TooManyMovesError(cause.message);
  return isNotFound(error) ? new JobNotFoundError(groupId) : error;
}
