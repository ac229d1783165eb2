/** What nobody may do to a workflow: this one waits a moment first, which no recorded history did. */
import { sleep } from '@temporalio/workflow';
import type { JobInput } from '../../src/contract/job.ts';
import { NameWorkflow as unchanged } from '../../src/workflows/name.ts';

export async function NameWorkflow(job: JobInput<'NameWorkflow'>): Promise<string> {
  await sleep(1);
  return unchanged(job);
}
