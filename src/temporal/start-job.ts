/** Starts a job: one workflow, under its caller's key if there is one, so that the key's second use finds the first job. */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { JobInput } from '../contract/job.ts';
import { jobKind } from '../contract/job-kinds.ts';
import { recordFromInput } from '../contract/job-record.ts';
import { viewJob } from '../contract/job-view.ts';
import { DEFAULT_QUEUE, WORKFLOW_TASK_QUEUE } from '../contract/queues.ts';
import type { JobRequest } from '../contract/schemas/job-request.ts';
import { JobDueAt, JobQueue } from '../contract/search-attributes.ts';
import { call } from './calls.ts';
import { KeyReusedError } from './errors.ts';
import type { StartedJob } from './jobs.ts';
import { fetchEvents, foldEvents, snapshot, type ReadDependencies } from './read-job.ts';

/** A worker that dies with a workflow task in hand holds the job up for this long. Histories are short, so tasks are too. */
const WORKFLOW_TASK_TIMEOUT = '5s';

/** @throws {KeyReusedError} */
export async function startJob(deps: ReadDependencies, request: JobRequest, key?: string): Promise<StartedJob> {
  const id = key ?? newJobId(request.kind);
  const input = inputOf(request);
  const now = Date.now();
  try {
    await call(deps.client, () =>
      deps.client.workflow.start(request.kind, {
        workflowId: id,
        taskQueue: WORKFLOW_TASK_QUEUE,
        args: [input],
        workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
        // Together: a key starts one job, whether that is still open or has ended.
        workflowIdConflictPolicy: 'FAIL',
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        typedSearchAttributes: [
          { key: JobQueue, value: input.queue ?? jobKind(request.kind)?.queue ?? DEFAULT_QUEUE },
          { key: JobDueAt, value: input.dueAt === undefined ? new Date(now) : new Date(input.dueAt) },
        ],
      }),
    );
    return { job: viewJob(recordFromInput(id, request.kind, now, input)), created: true };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    return firstJob(deps, id, request);
  }
}

async function firstJob(deps: ReadDependencies, id: string, request: JobRequest): Promise<StartedJob> {
  const history = await foldEvents(deps.client, id, await fetchEvents(deps.client, id));
  const isSame = history.record.kind === request.kind && isDeepStrictEqual(history.input.args, request.args);
  if (!isSame) throw new KeyReusedError(id);
  return { job: (await snapshot(deps, id, history)).job, created: false };
}

/** `name-…`, `report-…`: people read ids. */
function newJobId(kind: string): string {
  return `${kind.replace(/Workflow$/, '').toLowerCase()}-${randomUUID()}`;
}

function inputOf({ args, dueAt, delayMs, queue, maxAttempts, ladderMs }: JobRequest): JobInput {
  const due = delayMs === undefined ? dueAt : new Date(Date.now() + delayMs).toISOString();
  return {
    args,
    ...(due !== undefined && { dueAt: due }),
    ...(queue !== undefined && { queue }),
    ...(maxAttempts !== undefined && { maxAttempts }),
    ...(ladderMs !== undefined && { ladderMs }),
  };
}
