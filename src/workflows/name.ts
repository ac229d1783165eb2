/** Logs a greeting. Answers the messages of `contract/messages.ts`; continues as new when Temporal suggests it. */
import { runJob } from './lib/run-job.ts';

export async function NameWorkflow(...start: unknown[]): Promise<string | null> {
  return runJob<'NameWorkflow'>(start, (activities, attempt) => activities.logName(attempt));
}
