import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/contract/limits.ts';
import { JobViewSchema } from '../../src/contract/schemas/job-view.ts';
import { JobTooLargeError } from '../../src/temporal/errors.ts';
import { webWorld } from '../support/web-app.ts';

const HELLO = { kind: 'NameWorkflow', args: { name: 'foo' } };

async function problemOf(response: Response): Promise<Record<string, unknown>> {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const problem = (await response.json()) as Record<string, unknown>;
  expect(problem).toMatchObject({
    type: expect.stringMatching(/^\/api\/docs#[a-z-]+$/),
    title: expect.any(String),
    status: response.status,
    detail: expect.any(String),
    instance: expect.stringMatching(/^\/api\//),
    requestId: response.headers.get('x-request-id'),
  });
  return problem;
}

describe('POST /api/jobs', () => {
  test('answers 202 with the job and its address', async () => {
    const world = webWorld({ now: () => Date.parse('2026-11-24T09:00:00.000Z') });
    const response = await world.send('POST', '/api/jobs', { ...HELLO, delayMs: 10_000 });
    expect(response.status).toBe(202);
    const job = JobViewSchema.parse(await response.json());
    expect(job).toMatchObject({ kind: 'NameWorkflow', queue: 'default', state: 'scheduled', attempt: 0, result: null });
    expect(response.headers.get('location')).toBe(`/api/jobs/${job.id}`);
    expect(job.dueAt).toBe('2026-11-24T09:00:10.000Z');
  });

  test('passes on everything that may be asked for', async () => {
    const world = webWorld();
    const options = { dueAt: '2030-01-01T00:00:00.000Z', queue: 'mailers', maxAttempts: 3, retryDelaysMs: [1, 2] };
    const response = await world.send('POST', '/api/jobs', { ...HELLO, ...options });
    expect(await response.json()).toMatchObject({ dueAt: options.dueAt, queue: 'mailers', maxAttempts: 3 });
  });

  test('a repeated key answers 200 with the first job', async () => {
    const world = webWorld();
    const key = { 'Idempotency-Key': 'order/1' };
    const first = await world.send('POST', '/api/jobs', HELLO, key);
    const again = await world.send('POST', '/api/jobs', HELLO, key);
    expect([first.status, again.status]).toEqual([202, 200]);
    expect(await again.json()).toEqual(await first.json());
    expect(again.headers.get('location')).toBe('/api/jobs/order%2F1');
    expect(world.jobs.started).toEqual(['order/1']);
  });

  test('a key of another job is refused', async () => {
    const world = webWorld();
    const key = { 'Idempotency-Key': 'order-1' };
    await world.send('POST', '/api/jobs', HELLO, key);
    const response = await world.send('POST', '/api/jobs', { ...HELLO, args: { name: 'bar' } }, key);
    expect(response.status).toBe(422);
    expect(await problemOf(response)).toMatchObject({ type: '/api/docs#key-reused' });
  });

  test.each([
    ['a space', 'order 1'],
    ['no characters', ''],
    ['256 bytes', 'a'.repeat(256)],
    ['two dots', '..'],
  ])('a key of %s is refused', async (_, key) => {
    const world = webWorld();
    const response = await world.send('POST', '/api/jobs', HELLO, { 'Idempotency-Key': key });
    expect(response.status).toBe(422);
    expect(await problemOf(response)).toMatchObject({ errors: [{ field: 'idempotency-key' }] });
    expect(world.jobs.started).toEqual([]);
  });

  test('a repeated request key answers 200 with the first job', async () => {
    const world = webWorld();
    const first = await world.send('POST', '/api/jobs', HELLO, { 'Request-Key': 'enqueue-1' });
    const repeat = { 'Request-Key': 'enqueue-1', 'Request-First-Sent': '2026-11-24T10:00:00+01:00' };
    const again = await world.send('POST', '/api/jobs', HELLO, repeat);
    expect([first.status, again.status]).toEqual([202, 200]);
    expect(await again.json()).toEqual(await first.json());
    expect(world.jobs.started).toHaveLength(1);
    expect(world.jobs.keys).toEqual([
      { requestKey: 'enqueue-1' },
      { requestKey: 'enqueue-1', firstSentAt: Date.parse('2026-11-24T09:00:00Z') },
    ]);
  });

  const group = 'group-4cbe03c2-9d1f-4c8a-8f6e-0c5b6b1d7a11';
  const unusableKeys: [string, Record<string, string>, string][] = [
    ['an idempotency key like a group’s id', { 'Idempotency-Key': group }, 'idempotency-key'],
    ['an idempotency key like the id of a job in a group', { 'Idempotency-Key': `${group}.0` }, 'idempotency-key'],
    ['a request key like a group’s id', { 'Request-Key': group }, 'request-key'],
    ['a request key like the id of a job in a group', { 'Request-Key': `${group}.499` }, 'request-key'],
    ['a request key with a space', { 'Request-Key': 'a b' }, 'request-key'],
    ['both keys', { 'Idempotency-Key': 'a', 'Request-Key': 'b' }, 'request-key'],
    ['a first sending of nothing', { 'Request-First-Sent': '2026-11-24T10:00:00Z' }, 'request-first-sent'],
    [
      'a first sending without a zone',
      { 'Request-Key': 'a', 'Request-First-Sent': '2026-11-24T10:00:00' },
      'request-first-sent',
    ],
  ];
  test.each(unusableKeys)('%s is refused, naming the header', async (_, headers, field) => {
    const world = webWorld();
    const response = await world.send('POST', '/api/jobs', HELLO, headers);
    expect(response.status).toBe(422);
    expect(await problemOf(response)).toMatchObject({ type: '/api/docs#invalid-request', errors: [{ field }] });
    expect(world.jobs.started).toEqual([]);
  });

  test('a key that only begins like the id of a group is one', async () => {
    const response = await webWorld().send('POST', '/api/jobs', HELLO, { 'Request-Key': 'group-1.2' });
    expect(response.status).toBe(202);
  });

  test('a job that is too large is 413', async () => {
    const world = webWorld();
    world.jobs.start = async () => Promise.reject(new JobTooLargeError(2_050_000));
    const response = await world.send('POST', '/api/jobs', HELLO);
    expect(response.status).toBe(413);
    expect(await problemOf(response)).toMatchObject({
      type: '/api/docs#job-too-large',
      detail: expect.stringContaining('2050000 bytes'),
    });
  });

  test('a body as long as a body may be is taken', async () => {
    const body = JSON.stringify(HELLO).padEnd(LIMITS.requestBytes, ' ');
    expect((await webWorld().send('POST', '/api/jobs', body)).status).toBe(202);
  });

  const unusable: [string, unknown, string][] = [
    ['an empty name', { ...HELLO, args: { name: ' ' } }, 'args.name'],
    ['no arguments', { kind: 'NameWorkflow' }, 'args'],
    ['an unknown kind', { ...HELLO, kind: 'TeaWorkflow' }, 'kind'],
    ['an unknown field', { ...HELLO, prioritty: 3 }, 'prioritty'],
    ['a priority that there is not', { ...HELLO, priority: 6 }, 'priority'],
    ['an unknown argument', { ...HELLO, args: { name: 'foo', age: 3 } }, 'args.age'],
    ['a time without a zone', { ...HELLO, dueAt: '2030-01-01T00:00:00' }, 'dueAt'],
    ['a time too far away', { ...HELLO, dueAt: '2099-01-01T00:00:00Z' }, 'dueAt'],
    ['both dueAt and delayMs', { ...HELLO, dueAt: '2030-01-01T00:00:00Z', delayMs: 1 }, 'delayMs'],
    ['a negative delay', { ...HELLO, delayMs: -1 }, 'delayMs'],
    ['the workflows’ own queue', { ...HELLO, queue: 'holdfast' }, 'queue'],
    ['no attempts', { ...HELLO, maxAttempts: 0 }, 'maxAttempts'],
    ['a retry delay that is no number', { ...HELLO, retryDelaysMs: [1, 'x'] }, 'retryDelaysMs.1'],
    ['an array', [HELLO], ''],
  ];
  test.each(unusable)('%s is refused, naming the field', async (_, body, field) => {
    const world = webWorld();
    const response = await world.send('POST', '/api/jobs', body);
    expect(response.status).toBe(422);
    const { errors, detail } = await problemOf(response);
    expect(errors).toContainEqual({ field, detail: expect.any(String) });
    expect(detail).toContain(field);
    expect(world.jobs.started).toEqual([]);
  });

  test('so is the workflows’ queue, whatever it is called here', async () => {
    const world = webWorld({ env: { HOLDFAST_TASK_QUEUE: 'ours' } });
    const response = await world.send('POST', '/api/jobs', { ...HELLO, queue: 'ours' });
    expect(response.status).toBe(422);
    expect((await problemOf(response)).errors).toMatchObject([{ field: 'queue' }]);
    expect(world.jobs.started).toEqual([]);
  });

  test('a missing body is refused', async () => {
    expect((await webWorld().send('POST', '/api/jobs')).status).toBe(422);
  });

  test('a body that is no JSON is 400, whatever the parser says', async () => {
    const response = await webWorld().send('POST', '/api/jobs', '{"kind": "NameWorkflow", oops');
    expect(response.status).toBe(400);
    const problem = await problemOf(response);
    expect(problem['type']).toBe('/api/docs#malformed-body');
    expect(JSON.stringify(problem)).not.toMatch(/oops|position|token/i);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded'])('a body of %s is 415', async (type) => {
    const response = await webWorld().send('POST', '/api/jobs', JSON.stringify(HELLO), { 'content-type': type });
    expect(response.status).toBe(415);
    expect(await problemOf(response)).toMatchObject({ type: '/api/docs#unsupported-media-type' });
  });

  test('a body over the limit is 413, by its length or by its bytes', async () => {
    const world = webWorld();
    const large = JSON.stringify({ ...HELLO, padding: 'x'.repeat(LIMITS.requestBytes) });
    for (const length of [{ 'content-length': String(large.length) }, undefined]) {
      const response = await world.send('POST', '/api/jobs', large, length);
      expect(response.status).toBe(413);
      expect(await problemOf(response)).toMatchObject({ type: '/api/docs#body-too-large' });
    }
    expect(world.jobs.started).toEqual([]);
  });
});

describe('GET /api/jobs/:id', () => {
  test('answers with the view', async () => {
    const world = webWorld();
    await world.start('order/1');
    world.jobs.take('order/1', 'worker-1');
    world.jobs.fail('order/1', 'no luck');
    const response = await world.get('/api/jobs/order%2F1');
    expect(response.status).toBe(200);
    expect(JobViewSchema.parse(await response.json())).toEqual((await world.jobs.read('order/1')).job);
  });

  test('an unknown job is 404', async () => {
    const response = await webWorld().get('/api/jobs/nobody');
    expect(response.status).toBe(404);
    expect(await problemOf(response)).toMatchObject({ type: '/api/docs#job-not-found', instance: '/api/jobs/nobody' });
  });
});

describe('actions', () => {
  const actions: [string, string, unknown, string][] = [
    ['POST', '/run-now', undefined, 'scheduled'],
    ['POST', '/pause', undefined, 'paused'],
    ['POST', '/discard', undefined, 'discarded'],
    ['DELETE', '', undefined, 'cancelled'],
    ['PATCH', '', { dueAt: '2030-01-01T00:00:00.000Z' }, 'scheduled'],
    ['PATCH', '', { queue: 'mailers', maxAttempts: 7 }, 'scheduled'],
  ];
  test.each(actions)('%s %s %j is made and answered with the new view', async (method, path, body, state) => {
    const world = webWorld();
    await world.start('j', { delayMs: 60_000 });
    const response = await world.send(method, `/api/jobs/j${path}`, body);
    expect(response.status).toBe(200);
    expect(response.headers.get('holdfast-applied')).toBe('now');
    expect(await response.json()).toMatchObject({ id: 'j', state, ...(body as object | undefined) });
  });

  test('resume and retry are made', async () => {
    const world = webWorld();
    await world.start('j', { maxAttempts: 1 });
    await world.jobs.act('j', { type: 'pause' });
    expect(await (await world.send('POST', '/api/jobs/j/resume')).json()).toMatchObject({ state: 'scheduled' });
    world.jobs.take('j');
    world.jobs.fail('j', 'no');
    expect(await (await world.send('POST', '/api/jobs/j/retry')).json()).toMatchObject({ attempt: 0, maxAttempts: 1 });
  });

  test.each(actions)('%s %s %j without a worker is 202 and kept until one is back', async (method, path, body) => {
    const world = webWorld();
    await world.start('j', { delayMs: 60_000 });
    const { job: before } = await world.jobs.read('j');
    world.jobs.workers = 'none';
    const response = await world.send(method, `/api/jobs/j${path}`, body);
    expect(response.status).toBe(202);
    expect(response.headers.get('holdfast-applied')).toBe('when-a-worker-is-back');
    expect(await response.json()).toEqual(before);
    world.jobs.workersAreBack();
    expect((await world.jobs.read('j')).job).not.toEqual(before);
  });

  test.each(actions)('%s %s %j of a done job is 409 and says the state', async (method, path, body) => {
    const world = webWorld();
    await world.start('j');
    world.jobs.take('j');
    world.jobs.finish('j', 'Hello, foo');
    const response = await world.send(method, `/api/jobs/j${path}`, body);
    expect(response.status).toBe(409);
    expect(await problemOf(response)).toMatchObject({ type: '/api/docs#illegal-action', state: 'done' });
  });

  test.each(actions)('%s %s %j of an unknown job is 404', async (method, path, body) => {
    const response = await webWorld().send(method, `/api/jobs/nobody${path}`, body);
    expect(response.status).toBe(404);
    expect(await problemOf(response)).toMatchObject({ type: '/api/docs#job-not-found' });
  });

  const unusable: [unknown, string][] = [
    [{}, ''],
    [{ dueAt: 'soon' }, 'dueAt'],
    [{ dueAt: '2030-01-01T00:00:00Z', queue: 'mailers' }, 'dueAt'],
    [{ state: 'done' }, 'state'],
    [{ args: { name: '' } }, 'args.name'],
    [{ args: { nome: 'foo' } }, 'args.name'],
  ];
  test.each(unusable)('PATCH %j is refused, naming the field', async (body, field) => {
    const world = webWorld();
    await world.start('j', { delayMs: 60_000 });
    const { job: before, args } = await world.jobs.read('j');
    const response = await world.send('PATCH', '/api/jobs/j', body);
    expect(response.status).toBe(422);
    expect((await problemOf(response))['errors']).toContainEqual({ field, detail: expect.any(String) });
    expect(await world.jobs.read('j')).toMatchObject({ job: before, args });
  });

  test('new arguments replace the old ones as they came: the work gets what the kind’s schema makes of them', async () => {
    const world = webWorld();
    await world.start('j', { delayMs: 60_000 });
    expect((await world.send('PATCH', '/api/jobs/j', { args: { name: ' bar ' } })).status).toBe(200);
    expect((await world.jobs.read('j')).args).toEqual({ name: ' bar ' });
  });
});

describe('every address', () => {
  const addresses: [string, string, unknown][] = [
    ['POST', '/api/jobs', HELLO],
    ['GET', '/api/jobs/j', undefined],
    ['PATCH', '/api/jobs/j', { dueAt: '2030-01-01T00:00:00Z' }],
    ['DELETE', '/api/jobs/j', undefined],
    ['POST', '/api/jobs/j/run-now', undefined],
  ];

  test.each(addresses)('%s %s is 503 without Temporal', async (method, path, body) => {
    const world = webWorld();
    world.jobs.unreachable();
    const response = await world.send(method, path, body);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('2');
    const problem = await problemOf(response);
    expect(problem['type']).toBe('/api/docs#temporal-unreachable');
    expect(JSON.stringify(problem)).not.toMatch(/ECONNREFUSED|7233|UNAVAILABLE/);
  });

  test.each(addresses)(
    '%s %s tells nothing of an error that nobody foresaw, but logs it',
    async (method, path, body) => {
      const world = webWorld();
      world.jobs.failure = new TypeError('secret is not a function at /home/someone');
      const response = await world.send(method, path, body);
      expect(response.status).toBe(500);
      const problem = await problemOf(response);
      expect(JSON.stringify(problem)).not.toMatch(/secret|TypeError|someone/);
      const logged = world.log.find((line) => line.includes('http.failed')) ?? '';
      expect(logged).toContain('secret is not a function');
      expect(logged).toContain(String(problem['requestId']));
    },
  );
});

test('a method that does not fit is 405 with those that do', async () => {
  const response = await webWorld().send('PUT', '/api/jobs/j', {});
  expect(response.status).toBe(405);
  expect(response.headers.get('allow')?.split(', ').toSorted()).toEqual(['DELETE', 'GET', 'HEAD', 'PATCH']);
  expect(await problemOf(response)).toMatchObject({ type: '/api/docs#method-not-allowed' });
});

test('an unknown address of the API is a problem too', async () => {
  const response = await webWorld().get('/api/nothing');
  expect(response.status).toBe(404);
  expect(await problemOf(response)).toMatchObject({ type: '/api/docs#not-found' });
});
