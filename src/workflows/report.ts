/** Writes a report, going on from the last checkpoint. Answers the messages of `contract/messages.ts`; continues as new when Temporal suggests it. */
import type { JobResult } from '../contract/job-kinds.ts';
import { runJob } from './lib/run-job.ts';

export async function ReportWorkflow(...start: unknown[]): Promise<JobResult<'ReportWorkflow'> | null> {
  return runJob<'ReportWorkflow'>(start, (activities, attempt) => activities.writeReport(attempt));
}
