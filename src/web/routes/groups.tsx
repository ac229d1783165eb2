/** A group's page, and the forms on it. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Config } from '../../config/config.ts';
import { InvalidActionError } from '../../temporal/errors.ts';
import type { GroupActionRequest, Jobs } from '../../temporal/jobs.ts';
import type { Site } from '../components/layout.tsx';
import type { RefusedTime } from '../components/action-forms.tsx';
import { actorOf } from '../actor.ts';
import { askedDueAt } from '../due-at-form.ts';
import { asProblem } from '../errors.ts';
import { groupModel } from '../models/group-model.ts';
import { actOnGroup, readGroup } from '../group-not-found.ts';
import { isGroupAction, actionBySlug } from '../../job/actions.ts';
import { GroupPage } from '../pages/group.tsx';
import { groupPath } from '../paths.ts';

interface GroupRouteDependencies {
  readonly config: Config;
  readonly jobs: Jobs;
  readonly site: Site;
  readonly now: () => number;
}

export function groupRoutes(app: OpenAPIHono, deps: GroupRouteDependencies): void {
  app.get('/groups/:id', async (c) => page(c, deps, c.req.param('id'), 200, {}));

  app.post('/groups/:id/:action', async (c) => {
    const { id, action: slug } = c.req.param();
    const action = actionBySlug(slug);
    if (action === undefined || !isGroupAction(action)) return c.notFound();
    return action === 'reschedule' ? reschedule(c, deps, id) : make(c, deps, id, { type: action });
  });

  // Where a browser ends up that loads the answer to a refused form again.
  app.get('/groups/:id/:action', (c) => {
    const { id, action } = c.req.param();
    return actionBySlug(action) === undefined ? c.notFound() : c.redirect(groupPath(id), 303);
  });
}

async function reschedule(c: Context, deps: GroupRouteDependencies, id: string): Promise<Response> {
  const now = deps.now();
  const asked = askedDueAt(await c.req.parseBody(), { now, dueAt: new Date(now).toISOString() });
  if ('refused' in asked) return page(c, deps, id, 422, { refused: asked.refused });
  return make(c, deps, id, { type: 'reschedule', dueAt: asked.dueAt });
}

async function make(
  c: Context,
  deps: GroupRouteDependencies,
  id: string,
  action: GroupActionRequest,
): Promise<Response> {
  try {
    await actOnGroup(deps.jobs, id, { ...action, actor: actorOf(c, 'page') });
    return c.redirect(groupPath(id), 303);
  } catch (error) {
    if (!(error instanceof InvalidActionError)) throw error;
    const { title, message } = asProblem(error);
    return page(c, deps, id, 422, { alert: { title, text: message } });
  }
}

interface PageExtras {
  readonly alert?: { readonly title: string; readonly text: string };
  readonly refused?: RefusedTime;
}

async function page(c: Context, deps: GroupRouteDependencies, id: string, status: 200 | 422, extras: PageExtras) {
  const group = groupModel(await readGroup(deps.jobs, id), deps.config, c.req.query('state'));
  // What was refused stays until it has been read.
  const byScript = status === 200;
  const refresh = { byScript, byReloading: byScript && c.req.query('refresh') !== 'off' };
  return c.html(<GroupPage site={deps.site} group={group} refresh={refresh} {...extras} />, status);
}
