/** Moves every job of a group that is still in it, as far as each one's state allows. */
import { FAILURE } from '../contract/failures.ts';
import { call, isNotFound } from './calls.ts';
import { InvalidMoveError, JobNotFoundError } from './errors.ts';
import type { AskedGroupMove, GroupSnapshot } from './jobs.ts';
import { readGroup } from './read-group.ts';
import type { ReadDependencies } from './read-job.ts';
import { ANSWER_WITHIN_MS, isSilence, refusalIn } from './updates.ts';

/** @throws {JobNotFoundError} @throws {InvalidMoveError} */
export async function moveGroup(deps: ReadDependencies, groupId: string, move: AskedGroupMove): Promise<GroupSnapshot> {
  const { client } = deps;
  const handle = client.workflow.getHandle(groupId);
  // Nothing stands for all of its jobs.
  const args: [null, ...string[]] = move.type === 'reschedule' ? [null, move.dueAt] : [null];
  try {
    if (move.type === 'cancel') await call(client, () => handle.cancel(), { jobId: groupId });
    else await call(client, () => handle.executeUpdate(move.type, { args }), { timeoutMs: ANSWER_WITHIN_MS });
  } catch (error) {
    if (!isSilence(error) || move.type === 'cancel') throw refusal(groupId, error);
    // Temporal keeps it until a worker is back.
    await call(client, () => handle.signal(move.type, ...args), { jobId: groupId });
  }
  return readGroup(deps, groupId);
}

function refusal(groupId: string, error: unknown): unknown {
  const cause = refusalIn(error);
  if (cause?.type === FAILURE.moveInvalid) return new InvalidMoveError(cause.message);
  return isNotFound(error) ? new JobNotFoundError(groupId) : error;
}
