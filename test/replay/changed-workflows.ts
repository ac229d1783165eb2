/** What nobody may do to a workflow: this one waits a moment first, which no recorded history did. */
import { sleep } from '@temporalio/workflow';
import { NameWorkflow as unchanged } from '../../src/workflows/name.ts';

export async function NameWorkflow(...start: unknown[]): Promise<unknown> {
  await sleep(1);
  return unchanged(...start);
}
