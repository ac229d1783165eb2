/** One job, wherever it is: one that came in a group is in the group's history until it leaves. */
import { itemAddress } from '../../job/group/groups.ts';
import type { JobSnapshot } from '../jobs.ts';
import { readItem } from './read-item.ts';
import { readOwn, type ReadDependencies } from './read-job.ts';

/** @throws {JobNotFoundError} */
export async function readJob(deps: ReadDependencies, jobId: string): Promise<JobSnapshot> {
  const address = itemAddress(jobId);
  return (address && (await readItem(deps, jobId, address))) ?? readOwn(deps, jobId);
}
