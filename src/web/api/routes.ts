/** What the API offers: addresses, what they take and answer. The OpenAPI document is made of these, and requests are checked by them. */
import { createRoute } from '@hono/zod-openapi';
import { PROBLEMS, type ProblemName } from '../errors.ts';
import { MOVES } from '../moves.ts';
import { Job, JobPatch, JobPath, JobRequest, ProblemBody, StartHeaders } from './schemas.ts';

/** Moves that take no more than the job's id. */
export const SIMPLE_MOVES = ['runNow', 'pause', 'resume', 'retry', 'discard'] as const;

const tags = ['Jobs'];

const job = (description: string) => ({ description, content: { 'application/json': { schema: Job } } });

const applied = {
  headers: {
    'Holdfast-Applied': {
      description: 'Whether the move is made.',
      schema: { type: 'string' as const, enum: ['now', 'when-a-worker-is-back'] },
    },
  },
};

const moved = {
  200: { ...job('The move is made; the job as it is now.'), ...applied },
  202: {
    ...job(
      'No worker answers, so Temporal keeps the move: it takes effect when a worker is back. The job as it is now.',
    ),
    ...applied,
  },
};

/** Problems of one status share an answer; its description lists them. Untyped, since routes throw them instead of returning them. */
function problems(...names: ProblemName[]): object {
  const byStatus = Object.groupBy(
    [...names, 'internal', 'temporal-unreachable'] as const,
    (name) => PROBLEMS[name].status,
  );
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, kinds]) => [
      status,
      {
        description: kinds.map((name) => `${PROBLEMS[name].title} (${name}).`).join(' '),
        content: { 'application/problem+json': { schema: ProblemBody } },
      },
    ]),
  );
}

const jsonBody = ['malformed-body', 'body-too-large', 'unsupported-media-type', 'invalid-request'] as const;

export const startRoute = createRoute({
  method: 'post',
  path: '/api/jobs',
  operationId: 'startJob',
  tags,
  summary: 'Start a job',
  description: 'The answer comes once Temporal has the job on disk: from then on it runs to an end, whatever dies.',
  request: { headers: StartHeaders, body: { required: true, content: { 'application/json': { schema: JobRequest } } } },
  responses: {
    202: {
      ...job('The job is accepted.'),
      headers: { Location: { description: 'Address of the job.', schema: { type: 'string' } } },
    },
    200: job('The idempotency key’s first job, which an earlier request started.'),
    ...problems(...jsonBody, 'key-reused'),
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
  description: 'A new dueAt goes alone; arguments, queue, attempts and ladder may change together.',
  request: { params: JobPath, body: { required: true, content: { 'application/json': { schema: JobPatch } } } },
  responses: { ...moved, ...problems(...jsonBody, 'job-not-found', 'illegal-move') },
});

export const cancelRoute = createRoute({
  method: 'delete',
  path: '/api/jobs/{id}',
  operationId: 'cancelJob',
  tags,
  summary: 'Cancel a job',
  description: MOVES.cancel.summary,
  request: { params: JobPath },
  responses: { ...moved, ...problems('job-not-found', 'illegal-move') },
});

export const moveRoute = (move: (typeof SIMPLE_MOVES)[number]) =>
  createRoute({
    method: 'post',
    path: `/api/jobs/{id}/${MOVES[move].slug}`,
    operationId: `${move}Job`,
    tags,
    summary: MOVES[move].label,
    description: MOVES[move].summary,
    request: { params: JobPath },
    responses: { ...moved, ...problems('job-not-found', 'illegal-move') },
  });
