/** One workflow per job, with one activity: the least that the SDK needs. */
import { proxyActivities } from '@temporalio/workflow';
import type { BareActivities, BareJob } from './activities.ts';

const { greet } = proxyActivities<BareActivities>({ startToCloseTimeout: '1 minute' });

export async function bareJob(job: BareJob): Promise<string> {
  return greet(job);
}
