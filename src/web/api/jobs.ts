/** Jobs for programs: addresses, what they take and answer, and what they do. The OpenAPI document is made of the first part, and requests are checked by it. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { ACTION_NAMES, ACTIONS, isSimple, type SimpleAction } from '../../job/actions.ts';
import { jsonBody, problems } from './answers.ts';
import { Job, JobPatch, JobPath, JobRequest, StartHeaders } from './schemas.ts';
import { ACCEPTED, ACCEPTED_BEFORE } from './statuses.ts';
import type { Context } from 'hono';
import type { JobChanges } from '../../job/job-events.ts';
import { checkArgs } from '../../kinds/check-args.ts';
import { actorOf } from '../actor.ts';
import { checkStart, fieldOf, problemWithQueue, type StartRules } from '../check-start.ts';
import type { ActionRequest, Jobs } from '../../temporal/jobs.ts';
import { invalidFields } from './field-errors.ts';
import { Problem } from '../errors.ts';
import { startKeys } from '../../temporal/start/start-keys.ts';

/** Actions that take no more than the job's id. To cancel is to delete. */
const POSTED_ACTIONS: readonly SimpleAction[] = ACTION_NAMES.filter(isSimple).filter((name) => name !== 'cancel');

const tags = ['Jobs'];

const jobAnswer = (description: string) => ({ description, content: { 'application/json': { schema: Job } } });

const appliedHeader = {
  headers: {
    'Holdfast-Applied': {
      description: 'Whether the action is made.',
      schema: { type: 'string' as const, enum: ['now', 'when-a-worker-is-back'] },
    },
  },
};

const answered = {
  200: { ...jobAnswer('The action is made; the job as it is now.'), ...appliedHeader },
  202: {
    ...jobAnswer(
      'No worker answers, so Temporal keeps the action: it takes effect when a worker is back. The job as it is now.',
    ),
    ...appliedHeader,
  },
};

const startRoute = createRoute({
  method: 'post',
  path: '/api/jobs',
  operationId: 'startJob',
  tags,
  summary: 'Start a job',
  description: 'The answer comes once Temporal has the job on disk: from then on it runs to an end, whatever dies.',
  request: { headers: StartHeaders, body: { required: true, content: { 'application/json': { schema: JobRequest } } } },
  responses: {
    [ACCEPTED]: {
      ...jobAnswer('The job is accepted.'),
      headers: { Location: { description: 'Address of the job.', schema: { type: 'string' } } },
    },
    [ACCEPTED_BEFORE]: jobAnswer('The key’s first job, which an earlier request started.'),
    ...problems(...jsonBody, 'key-reused', 'job-too-large'),
  },
});

const readRoute = createRoute({
  method: 'get',
  path: '/api/jobs/{id}',
  operationId: 'readJob',
  tags,
  summary: 'Read a job',
  description: 'Right also while no worker runs: it is read from the job’s history, not asked of a worker.',
  request: { params: JobPath },
  responses: { 200: jobAnswer('The job.'), ...problems('job-not-found') },
});

const patchRoute = createRoute({
  method: 'patch',
  path: '/api/jobs/{id}',
  operationId: 'changeJob',
  tags,
  summary: 'Reschedule or edit a job',
  description: 'A new dueAt goes alone; arguments, queue, attempts and retry delays may change together.',
  request: { params: JobPath, body: { required: true, content: { 'application/json': { schema: JobPatch } } } },
  responses: { ...answered, ...problems(...jsonBody, 'job-not-found', 'illegal-action') },
});

const cancelRoute = createRoute({
  method: 'delete',
  path: '/api/jobs/{id}',
  operationId: 'cancelJob',
  tags,
  summary: 'Cancel a job',
  description: ACTIONS.cancel.summary,
  request: { params: JobPath },
  responses: { ...answered, ...problems('job-not-found', 'illegal-action') },
});

const actionRoute = (action: SimpleAction) =>
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

interface ApiJobDependencies {
  readonly jobs: Jobs;
  readonly rules: StartRules;
}

export function apiJobRoutes(app: OpenAPIHono, { jobs, rules }: ApiJobDependencies): void {
  app.openapi(startRoute, async (c) => {
    const headers = c.req.valid('header');
    const keys = startKeys({
      idempotencyKey: headers['idempotency-key'],
      requestKey: headers['request-key'],
      firstSentAt: headers['request-first-sent'],
    });
    const request = await checkStart(rules, c.req.valid('json'));
    if (request instanceof Problem) throw request;
    const { job, created } = await jobs.start(request, keys);
    c.header('Location', `/api/jobs/${encodeURIComponent(job.id)}`);
    return c.json(job, created ? ACCEPTED : ACCEPTED_BEFORE);
  });

  app.openapi(readRoute, async (c) => c.json((await jobs.read(c.req.valid('param').id)).job, 200));

  app.openapi(patchRoute, async (c) => {
    const { id } = c.req.valid('param');
    const { dueAt, ...patch } = c.req.valid('json');
    if (dueAt !== undefined) return act(c, jobs, id, { type: 'reschedule', dueAt });
    // Out of JSON, so what is absent is absent rather than `undefined`.
    const changes = patch as JobChanges;
    const problem = problemWithQueue(rules, changes.queue);
    if (problem) throw problem;
    if (changes.args === undefined) return act(c, jobs, id, { type: 'edit', changes });
    await checkNewArgs(rules, (await jobs.read(id)).job.kind, changes.args);
    return act(c, jobs, id, { type: 'edit', changes });
  });

  app.openapi(cancelRoute, async (c) => act(c, jobs, c.req.valid('param').id, { type: 'cancel' }));

  for (const type of POSTED_ACTIONS)
    app.openapi(actionRoute(type), async (c) => act(c, jobs, c.req.valid('param').id, { type }));
}

async function act(c: Context, jobs: Jobs, id: string, asked: ActionRequest) {
  const { job, applied } = await jobs.act(id, { ...asked, actor: actorOf(c, 'api') });
  if (applied === 'now') return c.json(job, 200, { 'Holdfast-Applied': 'now' });
  return c.json(job, 202, { 'Holdfast-Applied': 'when-a-worker-is-back' });
}

/** By the job's kind, which the request does not name. Those of a kind that this process does not know are for its worker to check. */
async function checkNewArgs({ catalogue }: StartRules, kind: string, args: unknown): Promise<void> {
  const definition = catalogue.find(kind);
  const checked = definition && (await checkArgs(definition, args));
  if (checked && 'issues' in checked) throw invalidFields(checked.issues.map((issue) => fieldOf(issue)));
}
