/** The demo's job: greets somebody, once it is due. Answers the messages of `contract/messages.ts`; continues as new when Temporal suggests it. */
import { runJob } from './lib/run-job.ts';

export async function NameWorkflow(...start: unknown[]): Promise<unknown> {
  return runJob(start);
}
