/** Groups by their id, where one that is not there is told apart from a job that is not. */
import { isGroupId } from '../contract/groups.ts';
import { JobNotFoundError } from '../temporal/errors.ts';
import type { AskedGroupMove, GroupSnapshot, Jobs } from '../temporal/jobs.ts';
import { Problem } from './errors.ts';

/** @throws {Problem} `group-not-found` */
export async function readGroup(jobs: Jobs, id: string): Promise<GroupSnapshot> {
  return known(id, () => jobs.readGroup(id));
}

/** @throws {Problem} `group-not-found` @throws {InvalidMoveError} */
export async function moveGroup(jobs: Jobs, id: string, move: AskedGroupMove): Promise<GroupSnapshot> {
  return known(id, () => jobs.moveGroup(id, move));
}

async function known(id: string, ask: () => Promise<GroupSnapshot>): Promise<GroupSnapshot> {
  if (!isGroupId(id)) throw notFound(id);
  try {
    return await ask();
  } catch (error) {
    throw error instanceof JobNotFoundError ? notFound(id, error) : error;
  }
}

function notFound(id: string, cause?: unknown): Problem {
  const detail = `No group has the id ${id}, or it ended longer ago than Temporal keeps it.`;
  return new Problem('group-not-found', detail, { cause });
}
