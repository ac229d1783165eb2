/** Groups for programs: addresses, what they take and answer, and what they do. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { ACTIONS, GROUP_ACTION_NAMES, type GroupActionName } from '../../job/actions.ts';
import { jsonBody, problems } from './answers.ts';
import { Group, GroupPatch, GroupPath } from './schemas.ts';
import type { Jobs } from '../../temporal/jobs.ts';
import { actorOf } from '../actor.ts';
import { actOnGroup, readGroup } from '../group-not-found.ts';

/** Those that take no more than the group's id. To cancel is to delete. */
type PostedGroupAction = Exclude<GroupActionName, 'reschedule' | 'cancel'>;

const POSTED_GROUP_ACTIONS = GROUP_ACTION_NAMES.filter(
  (name): name is PostedGroupAction => name !== 'reschedule' && name !== 'cancel',
);

const tags = ['Groups'];

const group = (description: string) => ({ description, content: { 'application/json': { schema: Group } } });

const answered = group('The action is on its way to every job that is still in the group; the group as it is now.');

const readGroupRoute = createRoute({
  method: 'get',
  path: '/api/groups/{id}',
  operationId: 'readGroup',
  tags,
  summary: 'Read a group',
  description:
    'Jobs that are accepted at the same moment travel together. Each is a job like any other; this is all of them at once.',
  request: { params: GroupPath },
  responses: { 200: group('The group.'), ...problems('group-not-found') },
});

const patchGroupRoute = createRoute({
  method: 'patch',
  path: '/api/groups/{id}',
  operationId: 'rescheduleGroup',
  tags,
  summary: 'Reschedule a group',
  description: ACTIONS.reschedule.ofGroup,
  request: { params: GroupPath, body: { required: true, content: { 'application/json': { schema: GroupPatch } } } },
  responses: { 200: answered, ...problems(...jsonBody, 'group-not-found') },
});

const cancelGroupRoute = createRoute({
  method: 'delete',
  path: '/api/groups/{id}',
  operationId: 'cancelGroup',
  tags,
  summary: 'Cancel a group',
  description: ACTIONS.cancel.ofGroup,
  request: { params: GroupPath },
  responses: { 200: answered, ...problems('group-not-found') },
});

const actionGroupRoute = (action: PostedGroupAction) =>
  createRoute({
    method: 'post',
    path: `/api/groups/{id}/${ACTIONS[action].slug}`,
    operationId: `${action}Group`,
    tags,
    summary: `${ACTIONS[action].label}, a whole group`,
    description: ACTIONS[action].ofGroup,
    request: { params: GroupPath },
    responses: { 200: answered, ...problems('group-not-found') },
  });

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
