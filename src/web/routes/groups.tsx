/** A group's page, and the forms on it. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Config } from '../../config.ts';
import { InvalidMoveError } from '../../temporal/errors.ts';
import type { AskedGroupMove, Jobs } from '../../temporal/jobs.ts';
import type { Site } from '../components/layout.tsx';
import type { RefusedTime } from '../components/move-forms.tsx';
import { askedDueAt } from '../due-at-form.ts';
import { asProblem } from '../errors.ts';
import { groupModel } from '../group-model.ts';
import { moveGroup, readGroup } from '../known-groups.ts';
import { isGroupMove, moveBySlug } from '../moves.ts';
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

  app.post('/groups/:id/:move', async (c) => {
    const { id, move: slug } = c.req.param();
    const move = moveBySlug(slug);
    if (move === undefined || !isGroupMove(move)) return c.notFound();
    return move === 'reschedule' ? reschedule(c, deps, id) : make(c, deps, id, { type: move });
  });

  // Where a browser ends up that loads the answer to a refused form again.
  app.get('/groups/:id/:move', (c) => {
    const { id, move } = c.req.param();
    return moveBySlug(move) === undefined ? c.notFound() : c.redirect(groupPath(id), 303);
  });
}

async function reschedule(c: Context, deps: GroupRouteDependencies, id: string): Promise<Response> {
  const now = deps.now();
  const asked = askedDueAt(await c.req.parseBody(), { now, dueAt: new Date(now).toISOString() });
  if ('refused' in asked) return page(c, deps, id, 422, { refused: asked.refused });
  return make(c, deps, id, { type: 'reschedule', dueAt: asked.dueAt });
}

async function make(c: Context, deps: GroupRouteDependencies, id: string, move: AskedGroupMove): Promise<Response> {
  try {
    await moveGroup(deps.jobs, id, move);
    return c.redirect(groupPath(id), 303);
  } catch (error) {
    if (!(error instanceof InvalidMoveError)) throw error;
    const { title, message } = asProblem(error);
    return page(c, deps, id, 422, { alert: { title, text: message } });
  }
}

interface PageExtras {
  readonly alert?: { readonly title: string; readonly text: string };
  readonly refused?: RefusedTime;
}

async function page(c: Context, deps: GroupRouteDependencies, id: string, status: 200 | 422, extras: PageExtras) {
  const group = groupModel(await readGroup(deps.jobs, id), deps.config.temporal, c.req.query('state'));
  // What was refused stays until it has been read.
  const byScript = status === 200;
  const refresh = { byScript, byReloading: byScript && c.req.query('refresh') !== 'off' };
  return c.html(<GroupPage site={deps.site} group={group} refresh={refresh} {...extras} />, status);
}
