/** Jobs for programs. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { JobChanges } from '../../job/job-events.ts';
import { isJobKind } from '../../contract/job-kinds.ts';
import { JOB_ARGS } from '../../contract/schemas/job-args.ts';
import type { ActionRequest, Jobs } from '../../temporal/jobs.ts';
import { cancelRoute, actionRoute, patchRoute, readRoute, SIMPLE_ACTIONS, startRoute } from '../api/job-routes.ts';
import { ERRORS_SHOWN, fieldErrors } from '../api/field-errors.ts';
import { ACCEPTED, ACCEPTED_BEFORE } from '../api/statuses.ts';
import { Problem } from '../errors.ts';
import { startKeys } from '../../temporal/start/start-keys.ts';

export function apiJobRoutes(app: OpenAPIHono, jobs: Jobs): void {
  app.openapi(startRoute, async (c) => {
    const headers = c.req.valid('header');
    const keys = startKeys({
      idempotencyKey: headers['idempotency-key'],
      requestKey: headers['request-key'],
      firstSentAt: headers['request-first-sent'],
    });
    const { job, created } = await jobs.start(c.req.valid('json'), keys);
    c.header('Location', `/api/jobs/${encodeURIComponent(job.id)}`);
    return c.json(job, created ? ACCEPTED : ACCEPTED_BEFORE);
  });

  app.openapi(readRoute, async (c) => c.json((await jobs.read(c.req.valid('param').id)).job, 200));

  app.openapi(patchRoute, async (c) => {
    const { id } = c.req.valid('param');
    const { dueAt, ...patch } = c.req.valid('json');
    if (dueAt !== undefined) return action(c, jobs, id, { type: 'reschedule', dueAt });
    // Out of JSON, so what is absent is absent rather than `undefined`.
    const changes = patch as JobChanges;
    if (changes.args === undefined) return action(c, jobs, id, { type: 'edit', changes });
    const args = checkedArgs((await jobs.read(id)).job.kind, changes.args);
    return action(c, jobs, id, { type: 'edit', changes: { ...changes, args } });
  });

  app.openapi(cancelRoute, async (c) => action(c, jobs, c.req.valid('param').id, { type: 'cancel' }));

  for (const type of SIMPLE_ACTIONS)
    app.openapi(actionRoute(type), async (c) => action(c, jobs, c.req.valid('param').id, { type }));
}

async function action(c: Context, jobs: Jobs, id: string, asked: ActionRequest) {
  const { job, applied } = await jobs.act(id, asked);
  if (applied === 'now') return c.json(job, 200, { 'Holdfast-Applied': 'now' });
  return c.json(job, 202, { 'Holdfast-Applied': 'when-a-worker-is-back' });
}

/** New arguments are checked against the job's kind, which the request does not name. */
function checkedArgs(kind: string, args: unknown): unknown {
  if (!isJobKind(kind)) return args;
  const parsed = JOB_ARGS[kind].safeParse(args);
  if (parsed.success) return parsed.data;
  throw new Problem('invalid-request', `The arguments do not fit a ${kind}.`, {
    errors: fieldErrors(parsed.error, 'args').slice(0, ERRORS_SHOWN),
  });
}
