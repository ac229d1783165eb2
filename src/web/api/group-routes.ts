/** What the API offers for groups. */
import { createRoute } from '@hono/zod-openapi';
import { ACTIONS, GROUP_ACTION_NAMES, type GroupActionName } from '../../job/actions.ts';
import { jsonBody, problems } from './answers.ts';
import { Group, GroupPatch, GroupPath } from './schemas.ts';

/** Those that take no more than the group's id. To cancel is to delete. */
type PostedGroupAction = Exclude<GroupActionName, 'reschedule' | 'cancel'>;

export const POSTED_GROUP_ACTIONS = GROUP_ACTION_NAMES.filter(
  (name): name is PostedGroupAction => name !== 'reschedule' && name !== 'cancel',
);

const tags = ['Groups'];

const group = (description: string) => ({ description, content: { 'application/json': { schema: Group } } });

const answered = group('The action is on its way to every job that is still in the group; the group as it is now.');

export const readGroupRoute = createRoute({
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

export const patchGroupRoute = createRoute({
  method: 'patch',
  path: '/api/groups/{id}',
  operationId: 'rescheduleGroup',
  tags,
  summary: 'Reschedule a group',
  description: ACTIONS.reschedule.ofGroup,
  request: { params: GroupPath, body: { required: true, content: { 'application/json': { schema: GroupPatch } } } },
  responses: { 200: answered, ...problems(...jsonBody, 'group-not-found') },
});

export const cancelGroupRoute = createRoute({
  method: 'delete',
  path: '/api/groups/{id}',
  operationId: 'cancelGroup',
  tags,
  summary: 'Cancel a group',
  description: ACTIONS.cancel.ofGroup,
  request: { params: GroupPath },
  responses: { 200: answered, ...problems('group-not-found') },
});

export const actionGroupRoute = (action: PostedGroupAction) =>
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
