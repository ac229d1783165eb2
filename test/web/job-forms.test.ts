import { describe, expect, test } from 'vitest';
import { webWorld } from '../support/web-app.ts';

const NOW = Date.parse('2026-11-24T09:00:00.000Z');

test.each([
  ['run-now', 'scheduled'],
  ['pause', 'paused'],
  ['discard', 'discarded'],
  ['cancel', 'cancelled'],
])('%s is made and leads back to the page', async (slug, state) => {
  const world = webWorld({ now: () => NOW });
  await world.start('name/1', { delayMs: 60_000 });
  const response = await world.post(`/jobs/name%2F1/${slug}`);
  expect(response.status).toBe(303);
  expect(response.headers.get('location')).toBe('/jobs/name%2F1');
  expect((await world.jobs.read('name/1')).job.state).toBe(state);
});

test('a job that is run now is due now', async () => {
  const world = webWorld({ now: () => NOW });
  await world.start('j', { delayMs: 60_000 });
  await world.post('/jobs/j/run-now');
  expect((await world.jobs.read('j')).job.dueAt).toBe(new Date(NOW).toISOString());
});

test('resume and retry are made', async () => {
  const world = webWorld();
  await world.start('j', { delayMs: 60_000, maxAttempts: 1 });
  await world.jobs.act('j', { type: 'pause' });
  expect((await world.post('/jobs/j/resume')).status).toBe(303);
  expect((await world.jobs.read('j')).job.state).toBe('scheduled');
  world.jobs.take('j');
  world.jobs.fail('j', 'no');
  expect((await world.post('/jobs/j/retry')).status).toBe(303);
  expect((await world.jobs.read('j')).job.attempt).toBe(0);
});

test('an action that the state does not allow shows the page with the state', async () => {
  const world = webWorld();
  await world.start('j');
  world.jobs.take('j');
  world.jobs.finish('j', 'Hello, foo');
  const response = await world.post('/jobs/j/pause');
  expect(response.status).toBe(409);
  const html = await response.text();
  expect(html).toContain('role="alert"');
  expect(html).toContain('Job j is done, which does not allow pause.');
  expect(html).toContain('data-state="done"');
});

test.each(['/jobs/j/edit', '/jobs/j/explode'])('%s is no form', async (path) => {
  const world = webWorld();
  await world.start('j');
  expect((await world.post(path)).status).toBe(404);
});

test('moving an unknown job is a 404 page', async () => {
  expect((await webWorld().post('/jobs/nobody/pause')).status).toBe(404);
});

test('loading a refused form’s address leads to the job', async () => {
  const world = webWorld();
  await world.start('j');
  const response = await world.get('/jobs/j/pause');
  expect(response.status).toBe(303);
  expect(response.headers.get('location')).toBe('/jobs/j');
});

describe('reschedule', () => {
  const cases: [string, Record<string, string>, string][] = [
    ['takes UTC without a script', { dueAt: '2030-05-06T07:08' }, '2030-05-06T07:08:00.000Z'],
    ['takes seconds', { dueAt: '2030-05-06T07:08:09' }, '2030-05-06T07:08:09.000Z'],
    [
      'prefers the time with its zone',
      { dueAt: '2030-05-06T07:08', dueAtIso: '2030-05-06T05:08:00.000Z' },
      '2030-05-06T05:08:00.000Z',
    ],
    ['postpones from the due time', { dueAt: 'x', postponeMs: '3600000' }, '2026-11-24T10:01:00.000Z'],
  ];
  test.each(cases)('%s', async (_, form, dueAt) => {
    const world = webWorld({ now: () => NOW });
    await world.start('j', { delayMs: 60_000 });
    expect((await world.post('/jobs/j/reschedule', form)).status).toBe(303);
    expect((await world.jobs.read('j')).job.dueAt).toBe(dueAt);
  });

  test('postpones an overdue job from now', async () => {
    const world = webWorld({ now: () => NOW });
    await world.start('j', { dueAt: '2026-11-01T00:00:00.000Z' });
    await world.post('/jobs/j/reschedule', { postponeMs: '60000' });
    expect((await world.jobs.read('j')).job.dueAt).toBe('2026-11-24T09:01:00.000Z');
  });

  const refused: [string, string][] = [
    ['', 'no date and time'],
    ['soon', 'no date and time'],
    ['2030-13-45T00:00', 'no date and time'],
    ['2040-01-01T00:00', 'within ten years'],
  ];
  test.each(refused)('keeps the typed time %j when it is not usable', async (dueAt, message) => {
    const world = webWorld({ now: () => NOW });
    await world.start('j', { delayMs: 60_000 });
    const response = await world.post('/jobs/j/reschedule', { dueAt });
    expect(response.status).toBe(422);
    const html = await response.text();
    expect(html).toContain(message);
    expect(html).toMatch(new RegExp(`<input[^>]*name="dueAt"[^>]*value="${dueAt}"`));
    expect((await world.jobs.read('j')).job.dueAt).toBe(new Date(NOW + 60_000).toISOString());
  });

  test.each(['0', '-5', '1e99', 'x'])('does not take %s as a postponement', async (postponeMs) => {
    const world = webWorld({ now: () => NOW });
    await world.start('j', { delayMs: 60_000 });
    expect((await world.post('/jobs/j/reschedule', { postponeMs })).status).toBe(422);
  });
});
