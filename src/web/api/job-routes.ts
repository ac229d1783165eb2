/**
 * What the API offers for jobs: addresses, what they take and answer. The OpenAPI document is made of these, and requests are
 * checked by them.
 */
import { createRoute } from '@hono/zod-openapi';
import { LIMITS } from '../../contract/limits.ts';
import { BULK_LIMITS } from '../bulk/bulk-limits.ts';
import { ACTION_NAMES, ACTIONS, isSimple, type SimpleAction } from '../../job/actions.ts';
import { jsonBody, problems } from './answers.ts';
import { BulkLine, BulkResult, Job, JobPatch, JobPath, JobRequest, StartHeaders } from './schemas.ts';
import { ACCEPTED, ACCEPTED_BEFORE } from './statuses.ts';

/** Actions that take no more than the job's id. To cancel is to delete. */
export const POSTED_ACTIONS: readonly SimpleAction[] = ACTION_NAMES.filter(isSimple).filter(
  (name) => name !== 'cancel',
);

const tags = ['Jobs'];

const job = (description: string) => ({ description, content: { 'application/json': { schema: Job } } });

const applied = {
  headers: {
    'Holdfast-Applied': {
      description: 'Whether the action is made.',
      schema: { type: 'string' as const, enum: ['now', 'when-a-worker-is-back'] },
    },
  },
};

const answered = {
  200: { ...job('The action is made; the job as it is now.'), ...applied },
  202: {
    ...job(
      'No worker answers, so Temporal keeps the action: it takes effect when a worker is back. The job as it is now.',
    ),
    ...applied,
  },
};

export const startRoute = createRoute({
  method: 'post',
  path: '/api/jobs',
  operationId: 'startJob',
  tags,
  summary: 'Start a job',
  description: 'The answer comes once Temporal has the job on disk: from then on it runs to an end, whatever dies.',
  request: { headers: StartHeaders, body: { required: true, content: { 'application/json': { schema: JobRequest } } } },
  responses: {
    [ACCEPTED]: {
      ...job('The job is accepted.'),
      headers: { Location: { description: 'Address of the job.', schema: { type: 'string' } } },
    },
    [ACCEPTED_BEFORE]: job('The key’s first job, which an earlier request started.'),
    ...problems(...jsonBody, 'key-reused', 'job-too-large'),
  },
});

const MIB = 1024 * 1024;

export const bulkRoute = createRoute({
  method: 'post',
  path: '/api/jobs/bulk',
  operationId: 'startJobs',
  tags,
  summary: 'Start many jobs',
  description:
    'One job a line, thousands of lines in one request; blank lines are skipped, and counted. The answer has one line for each, in ' +
    'their order, and begins before the request has ended. A line that is refused takes no other along; one that is answered 202 ' +
    `is on Temporal’s disk. At most ${LIMITS.bulkBytes / MIB} MiB and ${BULK_LIMITS.lines} lines in all, and ` +
    `${LIMITS.bulkLineBytes / MIB} MiB a line: from where a request grows longer, or breaks off, nothing is started, and the last ` +
    `line of the answer says so; likewise soon after ${BULK_LIMITS.refusedLines} lines are refused. At most ` +
    `${BULK_LIMITS.requests} such requests are served at once.`,
  request: { body: { required: true, content: { 'application/x-ndjson': { schema: BulkLine } } } },
  responses: {
    200: {
      description: 'What became of each line, a line each.',
      content: { 'application/x-ndjson': { schema: BulkResult } },
    },
    ...problems('body-too-large', 'unsupported-media-type', 'too-many-bulk-requests'),
  },
});

export const readRoute = createRoute({
  method: 'get',
  path: '/api/jobs/{id}',
  operationId: 'readJob',
  tags,
  summary: 'Read a job',
  description: 'Right also while no worker runs: it is read from the job’s history, not asked of a worker.',
  request: { params: JobPath },
  responses: { 200: job('The job.'), ...problems('job-not-found') },
});

export const patchRoute = createRoute({
  method: 'patch',
  path: '/api/jobs/{id}',
  operationId: 'changeJob',
  tags,
  summary: 'Reschedule or edit a job',
  description: 'A new dueAt goes alone; arguments, queue, attempts and retry delays may change together.',
  request: { params: JobPath, body: { required: true, content: { 'application/json': { schema: JobPatch } } } },
  responses: { ...answered, ...problems(...jsonBody, 'job-not-found', 'illegal-action') },
});

export const cancelRoute = createRoute({
  method: 'delete',
  path: '/api/jobs/{id}',
  operationId: 'cancelJob',
  tags,
  summary: 'Cancel a job',
  description: ACTIONS.cancel.summary,
  request: { params: JobPath },
  responses: { ...answered, ...problems('job-not-found', 'illegal-action') },
});

export const actionRoute = (action: SimpleAction) =>
  createRoute({
    method: 'post',
    path: `/api/jobs/{id}/${ACTIONS[action].slug}`,
    operationId: `${action}Job`,
    tags,
    summary: ACTIONS[action].label,
    description: ACTIONS[action].summary,
    request: { params: JobPath },
    responses: { ...answered, ...problems('job-not-found', 'illegal-action') },
  });
