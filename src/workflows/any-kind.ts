/** A job of any kind, under the kind's own name: Temporal runs this for each workflow type that nothing else here is called by. */
import { runJob } from './lib/run-job.ts';

export default async function AnyKind(...start: unknown[]): Promise<unknown> {
  return runJob(start);
}
