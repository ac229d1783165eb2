/** Groups for programs. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Jobs } from '../../temporal/jobs.ts';
import {
  cancelGroupRoute,
  actionGroupRoute,
  patchGroupRoute,
  readGroupRoute,
  POSTED_GROUP_ACTIONS,
} from '../api/group-routes.ts';
import { actorOf } from '../actor.ts';
import { actOnGroup, readGroup } from '../group-not-found.ts';

export function apiGroupRoutes(app: OpenAPIHono, jobs: Jobs): void {
  app.openapi(readGroupRoute, async (c) => c.json(await readGroup(jobs, c.req.valid('param').id), 200));

  app.openapi(patchGroupRoute, async (c) => {
    const { dueAt } = c.req.valid('json');
    return c.json(
      await actOnGroup(jobs, c.req.valid('param').id, { type: 'reschedule', dueAt, actor: actorOf(c, 'api') }),
      200,
    );
  });

  app.openapi(cancelGroupRoute, async (c) =>
    c.json(await actOnGroup(jobs, c.req.valid('param').id, { type: 'cancel', actor: actorOf(c, 'api') }), 200),
  );

  for (const type of POSTED_GROUP_ACTIONS)
    app.openapi(actionGroupRoute(type), async (c) =>
      c.json(await actOnGroup(jobs, c.req.valid('param').id, { type, actor: actorOf(c, 'api') }), 200),
    );
}
