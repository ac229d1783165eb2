/** What the API offers for groups. */
import { createRoute } from '@hono/zod-openapi';
import { GROUP_MOVES, MOVES } from '../moves.ts';
import { jsonBody, problems } from './answers.ts';
import { Group, GroupPatch, GroupPath } from './schemas.ts';

/** Moves that take no more than the group's id. */
export const SIMPLE_GROUP_MOVES = ['runNow', 'pause', 'resume', 'discard'] as const;

const tags = ['Groups'];

const group = (description: string) => ({ description, content: { 'application/json': { schema: Group } } });

const moved = group('The move is on its way to every job that is still in the group; the group as it is now.');

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
  description: GROUP_MOVES.reschedule,
  request: { params: GroupPath, body: { required: true, content: { 'application/json': { schema: GroupPatch } } } },
  responses: { 200: moved, ...problems(...jsonBody, 'group-not-found') },
});

export const cancelGroupRoute = createRoute({
  method: 'delete',
  path: '/api/groups/{id}',
  operationId: 'cancelGroup',
  tags,
  summary: 'Cancel a group',
  description: GROUP_MOVES.cancel,
  request: { params: GroupPath },
  responses: { 200: moved, ...problems('group-not-found') },
});

export const moveGroupRoute = (move: (typeof SIMPLE_GROUP_MOVES)[number]) =>
  createRoute({
    method: 'post',
    path: `/api/groups/{id}/${MOVES[move].slug}`,
    operationId: `${move}Group`,
    tags,
    summary: `${MOVES[move].label}, a whole group`,
    description: GROUP_MOVES[move],
    request: { params: GroupPath },
    responses: { 200: moved, ...problems('group-not-found') },
  });
