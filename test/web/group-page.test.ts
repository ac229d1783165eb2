import { OF_THIS_REPOSITORY } from '../../src/config/programs.ts';
import { describe, expect, test } from 'vitest';
import { groupModel } from '../../src/web/models/group-model.ts';
import { webWorld } from '../support/web-app.ts';

const NOW = Date.parse('2026-11-24T09:00:00.000Z');
const NOBODY = 'group-00000000-0000-0000-0000-000000000000';
const surroundings = {
  temporal: { uiUrl: 'https://temporal.example', namespace: 'default' },
  programs: OF_THIS_REPOSITORY,
};

describe('the page of a group', () => {
  test('shows its jobs, each with a link, and how many are in which state', async () => {
    const world = webWorld({ now: () => NOW });
    const { id, jobs } = await world.startGroup(48, { delayMs: 60_000, queue: 'mailers' });
    for (const job of jobs.slice(0, 40)) {
      world.jobs.take(job);
      world.jobs.finish(job, 'Hello, foo');
    }
    world.jobs.take(jobs[40] ?? '');
    const response = await world.get(`/groups/${id}`);
    expect(response.status).toBe(200);
    const html = await response.text();
    expect(html).toContain('<title>48 jobs: 40 of 48 ended · Holdfast</title>');
    expect(html).toContain('<h1>48 jobs</h1>');
    expect(html).toContain('<dt>Queue</dt><dd>mailers</dd>');
    for (const [number, job] of jobs.entries())
      expect(html).toMatch(new RegExp(`<a href="/jobs/${job}"[^>]*>Job ${number}</a>`));
    for (const [state, count] of [
      ['done', 40],
      ['running', 1],
      ['scheduled', 7],
    ] as const)
      expect(html).toMatch(
        new RegExp(`\\?state=${state}#jobs"[^>]*><span class="badge" data-state="${state}">.*?</span> ${count}</a>`),
      );
    expect(html).toContain('due <time datetime="2026-11-24T09:01:00.000Z"');
  });

  test('can show the jobs of one state only', async () => {
    const world = webWorld();
    const { id, jobs } = await world.startGroup(3, { delayMs: 60_000, maxAttempts: 1 });
    const [first = '', second = ''] = jobs;
    world.jobs.take(first);
    world.jobs.fail(first, 'no luck');
    const html = await (await world.get(`/groups/${id}?state=dead`)).text();
    expect(html).toContain('Its jobs that are dead');
    expect(html).toContain(`href="/jobs/${first}"`);
    expect(html).not.toContain(`href="/jobs/${second}"`);
    expect(html).toContain(`data-refresh="/groups/${id}?state=dead"`);
    const unknown = await (await world.get(`/groups/${id}?state=%22%3E%3Cscript%3E`)).text();
    for (const job of jobs) expect(unknown).toContain(`href="/jobs/${job}"`);
    expect(unknown).not.toContain('<script>');
  });

  test('keeps itself true until all has ended, with a script or without, unless told to hold still', async () => {
    const world = webWorld();
    const { id, jobs } = await world.startGroup(2);
    const [first = '', second = ''] = jobs;
    world.jobs.take(first);
    world.jobs.finish(first, 'Hello, foo');
    const refreshing = { meta: 'http-equiv="refresh"', script: `data-refresh="/groups/${id}"` };
    const open = await (await world.get(`/groups/${id}`)).text();
    expect(open).toContain(refreshing.meta);
    expect(open).toContain(refreshing.script);
    const still = await (await world.get(`/groups/${id}?refresh=off`)).text();
    expect(still).not.toContain(refreshing.meta);
    world.jobs.take(second);
    world.jobs.finish(second, 'Hello, foo');
    const ended = await (await world.get(`/groups/${id}`)).text();
    expect(ended).not.toContain(refreshing.meta);
    expect(ended).not.toContain('data-refresh');
    expect(ended).not.toContain('<form');
    expect(ended).toContain('2 of 2 ended');
  });

  test('goes on while a job that left the group has not ended', async () => {
    const world = webWorld();
    const { id, jobs } = await world.startGroup(2);
    const [first = '', second = ''] = jobs;
    world.jobs.take(first);
    world.jobs.fail(first, 'no luck');
    world.jobs.take(second);
    world.jobs.finish(second, 'Hello, foo');
    expect((await world.jobs.readGroup(id)).endedAt).not.toBeNull();
    expect(await (await world.get(`/groups/${id}`)).text()).toContain('data-refresh');
  });

  test('names the workflow for the Temporal Web UI and CLI', async () => {
    const world = webWorld();
    const { id } = await world.startGroup(2, { delayMs: 60_000 });
    const html = await (await world.get(`/groups/${id}`)).text();
    expect(html).toContain(`href="http://127.0.0.1:8233/namespaces/default/workflows/${id}"`);
    expect(html).toContain(`bin/temporal workflow query --workflow-id ${id} --type group`);
    expect(html).toContain(
      `bin/temporal workflow update execute --workflow-id ${id} --name reschedule --input &#39;{&quot;dueAt&quot;:&quot;2030-01-01T00:00:00Z&quot;}&#39;`,
    );
    expect(html).toContain(`bin/temporal workflow cancel --workflow-id ${id}`);
  });

  test('says so when no worker runs, or none of its queue, as long as that stands in the way', async () => {
    const world = webWorld();
    const { id, jobs } = await world.startGroup(2, { queue: 'mailers' });
    world.jobs.queueWorkers = 'none';
    const page = async (): Promise<string> => (await world.get(`/groups/${id}`)).text();
    expect(await page()).toContain('<code>bin/hard_worker --queue mailers</code>');
    world.jobs.workers = 'none';
    expect(await page()).toContain('No worker is running');
    world.jobs.workers = 'present';
    await world.jobs.actOnGroup(id, { type: 'cancel' });
    for (const job of jobs) expect((await world.jobs.read(job)).job.state).toBe('cancelled');
    expect(await page()).not.toContain('bin/hard_worker');
  });

  test.each([NOBODY, 'name-1'])('of %s is a 404 page of its own', async (id) => {
    const world = webWorld();
    await world.start('name-1');
    const response = await world.get(`/groups/${id}`);
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('No such group');
  });

  test('without Temporal tries again and tells nothing of the inside', async () => {
    const world = webWorld();
    const { id } = await world.startGroup(2);
    world.jobs.unreachable();
    const response = await world.get(`/groups/${id}`);
    expect(response.status).toBe(503);
    const html = await response.text();
    expect(html).toContain('http-equiv="refresh"');
    expect(html).not.toContain('ECONNREFUSED');
  });
});

describe('the forms of a group', () => {
  test.each([
    ['scheduled', ['run-now', 'reschedule', 'pause', 'discard', 'cancel']],
    ['paused', ['run-now', 'reschedule', 'resume', 'discard', 'cancel']],
  ])('of jobs that are %s are its actions', async (state, slugs) => {
    const world = webWorld();
    const { id } = await world.startGroup(2, { delayMs: 60_000 });
    if (state === 'paused') await world.jobs.actOnGroup(id, { type: 'pause' });
    const html = await (await world.get(`/groups/${id}`)).text();
    const offered = [...html.matchAll(new RegExp(`action="/groups/${id}/([^"]+)"`, 'g'))].map(([, slug]) => slug);
    expect(new Set(offered)).toEqual(new Set(slugs));
    expect(offered).toHaveLength(slugs.length);
  });

  test.each([
    ['run-now', 'scheduled'],
    ['pause', 'paused'],
    ['discard', 'discarded'],
    ['cancel', 'cancelled'],
  ])('%s is made of all and leads back to the page', async (slug, state) => {
    const world = webWorld({ now: () => NOW });
    const { id } = await world.startGroup(3, { delayMs: 60_000 });
    const response = await world.post(`/groups/${id}/${slug}`);
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe(`/groups/${id}`);
    expect((await world.jobs.readGroup(id)).counts).toEqual({ [state]: 3 });
  });

  test('reschedule gives all of them one time', async () => {
    const world = webWorld({ now: () => NOW });
    const { id } = await world.startGroup(2, { delayMs: 60_000 });
    const html = await (await world.get(`/groups/${id}`)).text();
    expect(html).toMatch(
      /<input[^>]*name="dueAt"[^>]*value="2026-11-24T09:01:00"[^>]*data-utc="2026-11-24T09:01:00.000Z"/,
    );
    expect((await world.post(`/groups/${id}/reschedule`, { dueAt: '2030-05-06T07:08' })).status).toBe(303);
    const { jobs } = await world.jobs.readGroup(id);
    expect(jobs.map(({ dueAt }) => dueAt)).toEqual(['2030-05-06T07:08:00.000Z', '2030-05-06T07:08:00.000Z']);
  });

  test('keep a typed time that is not usable, and hold still', async () => {
    const world = webWorld({ now: () => NOW });
    const { id } = await world.startGroup(2, { delayMs: 60_000 });
    const response = await world.post(`/groups/${id}/reschedule`, { dueAt: 'soon' });
    expect(response.status).toBe(422);
    const html = await response.text();
    expect(html).toMatch(/<input[^>]*name="dueAt"[^>]*value="soon"/);
    expect(html).toContain('no date and time');
    expect(html).not.toContain('data-refresh');
    expect(html).not.toContain('http-equiv="refresh"');
  });

  test.each(['retry', 'edit', 'explode'])('know no %s', async (action) => {
    const world = webWorld();
    const { id } = await world.startGroup(2);
    expect((await world.post(`/groups/${id}/${action}`)).status).toBe(404);
  });

  test('of no group are a 404 page', async () => {
    expect((await webWorld().post(`/groups/${NOBODY}/pause`)).status).toBe(404);
  });

  test('loaded again lead to the group', async () => {
    const world = webWorld();
    const { id } = await world.startGroup(2);
    const response = await world.get(`/groups/${id}/pause`);
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe(`/groups/${id}`);
  });
});

describe('the page of a job that came in a group', () => {
  test('leads to the group, and to the workflow that has the job', async () => {
    const world = webWorld();
    const { id, jobs } = await world.startGroup(2, { delayMs: 60_000 });
    const html = await (await world.get(`/jobs/${jobs[1]}`)).text();
    expect(html).toContain(`<a href="/groups/${id}">Group</a>`);
    expect(html).toContain(`<a href="/groups/${id}">${id}</a>`);
    expect(html).toContain(`/namespaces/default/workflows/${id}/0193a1c2-run"`);
    expect(html).toContain(`bin/temporal workflow query --workflow-id ${id} --type job --input 1`);
    expect(html).toContain(
      `bin/temporal workflow signal --workflow-id ${id} --name cancel --input &#39;{}&#39; --input 1`,
    );
    expect(html).toContain(`--workflow-id ${id} --name reschedule --input &#39;{&quot;dueAt&quot;:&quot;2030`);
  });

  test('leads to its own workflow once trouble made it leave', async () => {
    const world = webWorld();
    const { id, jobs } = await world.startGroup(2);
    const [job = ''] = jobs;
    world.jobs.take(job);
    world.jobs.fail(job, 'no luck');
    const html = await (await world.get(`/jobs/${job}`)).text();
    expect(html).toContain(`<a href="/groups/${id}">Group</a>`);
    expect(html).toContain(`/workflows/${job}/0193a1c2-run"`);
    expect(html).toContain(`bin/temporal workflow query --workflow-id ${job} --type job<`);
  });

  test('that is asked for by the id of a group leads to the group', async () => {
    const world = webWorld();
    const { id } = await world.startGroup(2);
    const response = await world.get(`/jobs/${id}`);
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe(`/groups/${id}`);
  });

  test('of a job that came alone names no group', async () => {
    const world = webWorld();
    await world.start('name-1');
    expect(await (await world.get('/jobs/name-1')).text()).not.toContain('/groups/');
  });
});

describe('the bar of states', () => {
  test('is full, in order and without overlap, and shows one job of many', async () => {
    const world = webWorld();
    const { id, jobs } = await world.startGroup(500, { delayMs: 60_000 });
    world.jobs.take(jobs[7] ?? '');
    world.jobs.fail(jobs[7] ?? '', 'no luck');
    const { states } = groupModel(await world.jobs.readGroup(id), surroundings);
    expect(states.map(({ state, count }) => [state, count])).toEqual([
      ['scheduled', 499],
      ['retrying', 1],
    ]);
    let end = 0;
    for (const { from, width } of states) {
      expect(from).toBe(end);
      expect(width).toBeGreaterThanOrEqual(12);
      end = from + width;
    }
    expect(Math.abs(end - 1_000)).toBeLessThanOrEqual(states.length);
  });

  test('counts states that this version does not know as unknown', async () => {
    const world = webWorld();
    const { id } = await world.startGroup(3);
    const group = await world.jobs.readGroup(id);
    const counts = { levitating: 1, hovering: 1, scheduled: 1 } as object;
    const { states } = groupModel({ ...group, counts }, surroundings);
    expect(states.map(({ state, count }) => [state, count])).toEqual([
      ['scheduled', 1],
      ['unknown', 2],
    ]);
  });
});
