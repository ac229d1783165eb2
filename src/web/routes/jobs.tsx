/** A job's page, and the forms on it. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Config } from '../../config/config.ts';
import { isGroupId } from '../../job/group/groups.ts';
import { IllegalActionError, InvalidActionError } from '../../temporal/errors.ts';
import type { ActionRequest, Jobs } from '../../temporal/jobs.ts';
import type { RefusedTime } from '../components/action-forms.tsx';
import type { Site } from '../components/layout.tsx';
import { asProblem } from '../errors.ts';
import { actorOf } from '../actor.ts';
import { askedDueAt } from '../due-at-form.ts';
import { actionBySlug } from '../../job/actions.ts';
import { JobPage } from '../pages/job.tsx';
import { groupPath, jobPath } from '../paths.ts';
import { jobModel } from '../models/job-model.ts';

interface JobRouteDependencies {
  readonly config: Config;
  readonly jobs: Jobs;
  readonly site: Site;
  readonly now: () => number;
}

export function jobRoutes(app: OpenAPIHono, deps: JobRouteDependencies): void {
  const { jobs } = deps;

  app.get('/jobs/:id', async (c) => {
    const id = c.req.param('id');
    // A workflow's id, say out of Temporal's Web UI, may be a group's.
    return isGroupId(id) ? c.redirect(groupPath(id), 303) : page(c, deps, id, 200, {});
  });

  app.post('/jobs/:id/:action', async (c) => {
    const { id, action: slug } = c.req.param();
    const action = actionBySlug(slug);
    if (action === undefined || action === 'edit') return c.notFound();
    return action === 'reschedule' ? reschedule(c, deps, id) : make(c, deps, id, { type: action });
  });

  // Where a browser ends up that loads the answer to a refused form again.
  app.get('/jobs/:id/:action', (c) => {
    const { id, action } = c.req.param();
    return actionBySlug(action) === undefined ? c.notFound() : c.redirect(jobPath(id), 303);
  });

  async function reschedule(c: Context, { now }: JobRouteDependencies, id: string): Promise<Response> {
    const form = await c.req.parseBody();
    const { dueAt } = (await jobs.read(id)).job;
    const asked = askedDueAt(form, { now: now(), dueAt });
    if ('refused' in asked) return page(c, deps, id, 422, { refused: asked.refused });
    return make(c, deps, id, { type: 'reschedule', dueAt: asked.dueAt });
  }
}

async function make(c: Context, deps: JobRouteDependencies, id: string, action: ActionRequest): Promise<Response> {
  try {
    await deps.jobs.act(id, { ...action, actor: actorOf(c, 'page') });
    return c.redirect(jobPath(id), 303);
  } catch (error) {
    if (!(error instanceof IllegalActionError || error instanceof InvalidActionError)) throw error;
    const { title, message, status } = asProblem(error);
    return page(c, deps, id, status === 409 ? 409 : 422, { alert: { title, text: message } });
  }
}

interface PageExtras {
  readonly alert?: { readonly title: string; readonly text: string };
  readonly refused?: RefusedTime;
}

async function page(c: Context, deps: JobRouteDependencies, id: string, status: 200 | 409 | 422, extras: PageExtras) {
  const job = jobModel(await deps.jobs.read(id), deps.config);
  // What was refused stays until it has been read: reloading would post it again, or wipe it.
  const refresh = status === 200 && c.req.query('refresh') !== 'off';
  return c.html(<JobPage site={deps.site} job={job} refresh={refresh} {...extras} />, status);
}
