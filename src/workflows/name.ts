/** Logs a greeting. Answers the messages of `contract/messages.ts`; continues as new when Temporal suggests it. */
import type { JobInput } from '../contract/job.ts';
import { runJob } from './lib/run-job.ts';

export async function NameWorkflow(job: JobInput<'NameWorkflow'>): Promise<string> {
  return runJob(job, (activities, attempt) => activities.logName(attempt));
}
