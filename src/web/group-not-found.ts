/** Groups by their id, where one that is not there is told apart from a job that is not. */
import { isGroupId } from '../job/group/groups.ts';
import { JobNotFoundError } from '../temporal/errors.ts';
import type { GroupActionRequest, GroupSnapshot, Jobs } from '../temporal/jobs.ts';
import { Problem } from './errors.ts';

/** @throws {Problem} `group-not-found` */
export async function readGroup(jobs: Jobs, id: string): Promise<GroupSnapshot> {
  return known(id, () => jobs.readGroup(id));
}

/** @throws {Problem} `group-not-found` @throws {InvalidActionError} */
export async function actOnGroup(jobs: Jobs, id: string, action: GroupActionRequest): Promise<GroupSnapshot> {
  return known(id, () => jobs.actOnGroup(id, action));
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
