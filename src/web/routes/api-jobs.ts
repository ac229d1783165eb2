/** Jobs for programs. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { JobChanges } from '../../job/job-events.ts';
import { checkArgs } from '../../kinds/check-args.ts';
import { actorOf } from '../actor.ts';
import { checkStart, fieldOf, problemWithQueue, type StartRules } from '../check-start.ts';
import type { ActionRequest, Jobs } from '../../temporal/jobs.ts';
import { cancelRoute, actionRoute, patchRoute, readRoute, POSTED_ACTIONS, startRoute } from '../api/job-routes.ts';
import { invalidFields } from '../api/field-errors.ts';
import { ACCEPTED, ACCEPTED_BEFORE } from '../api/statuses.ts';
import { Problem } from '../errors.ts';
import { startKeys } from '../../temporal/start/start-keys.ts';

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
    if (dueAt !== undefined) return action(c, jobs, id, { type: 'reschedule', dueAt });
    // Out of JSON, so what is absent is absent rather than `undefined`.
    const changes = patch as JobChanges;
    const problem = problemWithQueue(rules, changes.queue);
    if (problem) throw problem;
    if (changes.args === undefined) return action(c, jobs, id, { type: 'edit', changes });
    await checkNewArgs(rules, (await jobs.read(id)).job.kind, changes.args);
    return action(c, jobs, id, { type: 'edit', changes });
  });

  app.openapi(cancelRoute, async (c) => action(c, jobs, c.req.valid('param').id, { type: 'cancel' }));

  for (const type of POSTED_ACTIONS)
    app.openapi(actionRoute(type), async (c) => action(c, jobs, c.req.valid('param').id, { type }));
}

async function action(c: Context, jobs: Jobs, id: string, asked: ActionRequest) {
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
