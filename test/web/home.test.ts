import { expect, test } from 'vitest';
import { webWorld } from '../support/web-app.ts';

test('a visit with a name starts a job due in ten seconds and leads to its page', async () => {
  const world = webWorld({ now: () => Date.parse('2026-11-24T09:00:00.000Z') });
  const response = await world.get('/?name=%20foo%20');
  const [id = ''] = world.jobs.started;
  expect(response.status).toBe(303);
  expect(response.headers.get('location')).toBe(`/jobs/${encodeURIComponent(id)}`);
  const { job, args } = await world.jobs.read(id);
  expect(job).toMatchObject({ kind: 'NameWorkflow', state: 'scheduled', dueAt: '2026-11-24T09:00:10.000Z' });
  expect(args).toEqual({ name: 'foo' });
});

test('the page without a name starts nothing and shows the form', async () => {
  const world = webWorld();
  const response = await world.get('/');
  expect(response.status).toBe(200);
  const html = await response.text();
  expect(html).toMatch(/^<!doctype html>/);
  expect(html).toContain('name="name"');
  for (const command of ['bin/rip worker', 'bin/rip web', 'bin/rip all', 'bin/hard_worker'])
    expect(html).toContain(command);
  expect(html).toContain('No jobs yet');
  expect(world.jobs.started).toEqual([]);
});

test.each([
  ['a prefetch', { 'sec-purpose': 'prefetch' }],
  ['a prerender', { 'sec-purpose': 'prefetch;prerender' }],
  ['an older prefetch', { purpose: 'prefetch' }],
  ['Firefox’s older prefetch', { 'x-moz': 'prefetch' }],
])('%s starts nothing and is told to come back', async (_, headers) => {
  const world = webWorld();
  const response = await world.get('/?name=foo', headers);
  expect(response.status).toBe(503);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(world.jobs.started).toEqual([]);
});

test.each(['image', 'script', 'iframe', 'empty'])(
  'a page’s %s with the same address starts nothing',
  async (destination) => {
    const world = webWorld();
    await world.get('/?name=foo', { 'sec-fetch-dest': destination });
    expect(world.jobs.started).toEqual([]);
  },
);

test('a person’s visit starts a job when the browser says what it is', async () => {
  const world = webWorld();
  await world.get('/?name=foo', { 'sec-fetch-dest': 'document', 'sec-fetch-site': 'none' });
  expect(world.jobs.started).toHaveLength(1);
});

test('HEAD starts nothing', async () => {
  const world = webWorld();
  const response = await world.send('HEAD', '/?name=foo');
  expect(response.status).toBe(200);
  expect(await response.text()).toBe('');
  expect(world.jobs.started).toEqual([]);
});

test.each([
  ['', 'must not be empty'],
  ['   ', 'must not be empty'],
  ['a'.repeat(101), 'at most 100 characters'],
  ['a\u0007b', 'control characters'],
])('the name %j gets the form back with a message', async (name, message) => {
  const world = webWorld();
  const response = await world.get(`/?name=${encodeURIComponent(name)}`);
  expect(response.status).toBe(422);
  const html = await response.text();
  expect(html).toContain(message);
  expect(html).toContain('aria-invalid="true"');
  expect(html).toContain(`value="${name}"`);
  expect(world.jobs.started).toEqual([]);
});

test('a name of 100 characters outside the basic plane is not too long', async () => {
  const world = webWorld();
  expect((await world.get(`/?name=${encodeURIComponent('🦑'.repeat(100))}`)).status).toBe(303);
});

test('a refused name is text in the form that comes back', async () => {
  const name = `"><script>alert(1)</script>${'a'.repeat(100)}`;
  const html = await (await webWorld().get(`/?name=${encodeURIComponent(name)}`)).text();
  expect(html).not.toContain('<script>alert');
  expect(html).toContain('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
});

test('the latest jobs are listed with state, moment and a link', async () => {
  const world = webWorld();
  await world.start('waiting/1', { delayMs: 60_000 });
  await world.start('over');
  world.jobs.take('over');
  world.jobs.finish('over', 'Hello, foo');
  const html = await (await world.get('/')).text();
  expect(html).toContain('href="/jobs/waiting%2F1"');
  expect(html).toMatch(/data-state="scheduled".*due <time datetime="[^"]+"/s);
  expect(html).toMatch(/data-state="done".*ended <time/s);
});

test('a group is one row, that leads to its page', async () => {
  const world = webWorld();
  const { id, jobs } = await world.startGroup(48, { delayMs: 60_000, queue: 'mailers' });
  await world.start('alone');
  const html = await (await world.get('/')).text();
  expect(html).toMatch(
    new RegExp(
      `data-state="scheduled".*<a href="/groups/${id}" class="jobs-group">48 jobs</a><span class="jobs-group-id">${id}</span>.*>Group<.*>mailers<.*due <time`,
      's',
    ),
  );
  expect(html).toContain('<a href="/jobs/alone">alone</a>');
  for (const job of jobs) expect(html).not.toContain(job);
});

test('a state that this version does not know is shown as unknown', async () => {
  const world = webWorld();
  await world.start('strange');
  const [item] = await world.jobs.latest(1);
  world.jobs.latest = async () => [{ ...item!, state: 'levitating' as never }];
  const response = await world.get('/');
  expect(response.status).toBe(200);
  expect(await response.text()).toContain('data-state="unknown"');
});

test('without Temporal the page still comes and says so', async () => {
  const world = webWorld();
  world.jobs.unreachable();
  const response = await world.get('/');
  expect(response.status).toBe(200);
  const html = await response.text();
  expect(html).toContain('Temporal does not answer');
  expect(html).not.toContain('ECONNREFUSED');
});

test('without Temporal a start promises nothing, keeps the name and says when to try again', async () => {
  const world = webWorld();
  world.jobs.unreachable();
  const response = await world.get('/?name=foo');
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('2');
  const html = await response.text();
  expect(html).toContain('value="foo"');
  expect(html).toContain('Your job was not accepted');
  // Loading itself again would start the job a second time.
  expect(html).not.toContain('http-equiv="refresh"');
});
