/** Starts a job: one workflow, under its caller's key if there is one, so that the key's second use finds the first job. */
import { isDeepStrictEqual } from 'node:util';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { recordFromInput } from '../../job/job-record.ts';
import { viewJob } from '../../job/job-view.ts';
import { call } from '../rpc.ts';
import { KeyReusedError } from '../errors.ts';
import type { StartedJob } from '../jobs.ts';
import { inputAlone, newJobId, startOptions, type NewJob } from './new-job.ts';
import { ownHistory, snapshotOfOwn, type ReadDependencies } from '../history/read-job.ts';

/** @throws {KeyReusedError} */
export async function startJob(deps: ReadDependencies, job: NewJob, key?: string): Promise<StartedJob> {
  const { kind } = job;
  const input = inputAlone(job);
  const id = key ?? newJobId(kind);
  try {
    await call(deps.client, () =>
      deps.client.workflow.start(kind, {
        ...startOptions(deps.taskQueue, job),
        workflowId: id,
        args: [input],
        // Together: a key starts one job, whether that is still open or has ended.
        workflowIdConflictPolicy: 'FAIL',
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
      }),
    );
    return { job: viewJob(recordFromInput(id, kind, Date.now(), input)), created: true };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    return firstJob(deps, id, job);
  }
}

/** The job that has this key already. @throws {KeyReusedError} @throws {JobNotFoundError} */
export async function firstJob(deps: ReadDependencies, id: string, { kind, input }: NewJob): Promise<StartedJob> {
  const history = await ownHistory(deps.client, id);
  if (history.record.kind !== kind || !isSameAsSent(history.input.args, input.args)) throw new KeyReusedError(id);
  return { job: (await snapshotOfOwn(deps, id, history)).job, created: false };
}

/** @param asked what JSON leaves out of it, such as `undefined`, was never sent */
export function isSameAsSent(sent: unknown, asked: unknown): boolean {
  return isDeepStrictEqual(sent, JSON.parse(JSON.stringify(asked)));
}
