import { describe, expect, test } from 'vitest';
import { GroupViewSchema } from '../../src/contract/schemas/group-view.ts';
import { webWorld, type WebWorld } from '../support/web-app.ts';

const NOBODY = 'group-00000000-0000-0000-0000-000000000000';

async function stateOf(world: WebWorld, id: string): Promise<string> {
  return (await world.jobs.read(id)).job.state;
}

describe('GET /api/groups/:id', () => {
  test('answers with every job, those that left it too', async () => {
    const world = webWorld();
    const { id, jobs } = await world.startGroup(3, { delayMs: 60_000 });
    const [first = '', second = ''] = jobs;
    world.jobs.take(first);
    world.jobs.finish(first, 'Hello, foo');
    world.jobs.take(second);
    world.jobs.fail(second, 'no luck');
    const response = await world.get(`/api/groups/${id}`);
    expect(response.status).toBe(200);
    const group = GroupViewSchema.parse(await response.json());
    expect(group).toEqual(await world.jobs.readGroup(id));
    expect(group.counts).toEqual({ done: 1, retrying: 1, scheduled: 1 });
    expect(group.jobs.map((job) => job.id)).toEqual(jobs);
    expect(group.actions).toContain('reschedule');
  });

  test.each([NOBODY, 'name-1', 'group-1', `${NOBODY}.0`])('%s is 404', async (id) => {
    const world = webWorld();
    await world.start('name-1');
    const response = await world.get(`/api/groups/${id}`);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({
      type: '/api/docs#group-not-found',
      detail: `No group has the id ${id}, or it ended longer ago than Temporal keeps it.`,
    });
  });

  test('without Temporal is 503', async () => {
    const world = webWorld();
    const { id } = await world.startGroup(2);
    world.jobs.unreachable();
    expect((await world.get(`/api/groups/${id}`)).status).toBe(503);
  });
});

describe('actions of a group', () => {
  const actions: [string, string, unknown, string][] = [
    ['POST', '/run-now', undefined, 'scheduled'],
    ['POST', '/pause', undefined, 'paused'],
    ['POST', '/discard', undefined, 'discarded'],
    ['DELETE', '', undefined, 'cancelled'],
    ['PATCH', '', { dueAt: '2030-01-01T00:00:00.000Z' }, 'scheduled'],
  ];
  test.each(actions)('%s %s %j is made of every job that may take it', async (method, path, body, state) => {
    const world = webWorld({ now: () => Date.parse('2026-11-24T09:00:00Z') });
    const { id, jobs } = await world.startGroup(3, { delayMs: 60_000 });
    const [first = '', ...others] = jobs;
    world.jobs.take(first);
    world.jobs.finish(first, 'Hello, foo');
    const response = await world.send(method, `/api/groups/${id}${path}`, body);
    expect(response.status).toBe(200);
    const group = GroupViewSchema.parse(await response.json());
    expect(group).toMatchObject({ id, counts: { done: 1, [state]: 2 } });
    expect(await stateOf(world, first)).toBe('done');
    for (const job of others) expect(await stateOf(world, job)).toBe(state);
    const dueAts = new Set(group.jobs.slice(1).map(({ dueAt }) => dueAt));
    if (path === '/run-now') expect(dueAts).toEqual(new Set(['2026-11-24T09:00:00.000Z']));
    if (method === 'PATCH') expect(dueAts).toEqual(new Set(['2030-01-01T00:00:00.000Z']));
  });

  test('resume is made', async () => {
    const world = webWorld();
    const { id } = await world.startGroup(2, { delayMs: 60_000 });
    await world.send('POST', `/api/groups/${id}/pause`);
    const group = await (await world.send('POST', `/api/groups/${id}/resume`)).json();
    expect(group).toMatchObject({ counts: { scheduled: 2 } });
  });

  test.each(actions)('%s %s %j of no group is 404', async (method, path, body) => {
    const response = await webWorld().send(method, `/api/groups/${NOBODY}${path}`, body);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ type: '/api/docs#group-not-found' });
  });

  test.each(['retry', 'edit', 'explode'])('there is no %s of a group', async (action) => {
    const world = webWorld();
    const { id } = await world.startGroup(2);
    expect((await world.send('POST', `/api/groups/${id}/${action}`)).status).toBe(404);
  });

  const unusable: [unknown, string][] = [
    [{}, 'dueAt'],
    [{ dueAt: 'soon' }, 'dueAt'],
    [{ dueAt: '2099-01-01T00:00:00Z' }, 'dueAt'],
    [{ dueAt: '2030-01-01T00:00:00Z', queue: 'mailers' }, 'queue'],
  ];
  test.each(unusable)('PATCH %j is refused, naming the field', async (body, field) => {
    const world = webWorld();
    const { id } = await world.startGroup(2);
    const response = await world.send('PATCH', `/api/groups/${id}`, body);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ errors: [{ field }] });
  });

  test('a page of another site may not move one', async () => {
    const world = webWorld();
    const { id, jobs } = await world.startGroup(2, { delayMs: 60_000 });
    const headers = { origin: 'https://evil.example' };
    expect((await world.send('DELETE', `/api/groups/${id}`, undefined, headers)).status).toBe(403);
    expect((await world.send('POST', `/groups/${id}/cancel`, undefined, headers)).status).toBe(403);
    expect(await stateOf(world, jobs[0] ?? '')).toBe('scheduled');
  });
});

test('a job that came in a group is a job like any other', async () => {
  const world = webWorld();
  const { jobs } = await world.startGroup(2, { delayMs: 60_000 });
  const [id = ''] = jobs;
  const response = await world.send('POST', `/api/jobs/${id}/pause`);
  expect(await response.json()).toMatchObject({ id, state: 'paused' });
  expect(await (await world.get(`/api/jobs/${id}`)).json()).toMatchObject({ id, state: 'paused' });
});
