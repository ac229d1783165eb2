import { describe, expect, test, vi } from 'vitest';
import { isGroupId, itemAddress } from '../../src/job/group/groups.ts';
import { LIMITS } from '../../src/contract/limits.ts';
import { BULK_LIMITS } from '../../src/web/bulk/bulk-limits.ts';
import { JobTooLargeError } from '../../src/temporal/errors.ts';
import { webWorld, type WebWorld } from '../support/web-app.ts';

interface Result {
  readonly line: number;
  readonly status: number;
  readonly id?: string;
  readonly state?: string;
  readonly problem?: {
    readonly type: string;
    readonly status: number;
    readonly detail: string;
    readonly errors?: object[];
  };
}

const HELLO = { kind: 'NameWorkflow', args: { name: 'foo' } };
const FIRST_GROUP = 'group-4cbe03c2-9d1f-4c8a-8f6e-0c5b6b1d7a11';

function lines(...jobs: unknown[]): string {
  return jobs.map((job) => `${typeof job === 'string' ? job : JSON.stringify(job)}\n`).join('');
}

function parse(text: string): Result[] {
  expect(text === '' || text.endsWith('\n')).toBe(true);
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Result);
}

async function resultsOf(response: Response): Promise<Result[]> {
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/x-ndjson');
  return parse(await response.text());
}

const statuses = (results: readonly Result[]): number[] => results.map(({ status }) => status);

function bulkLogs(world: WebWorld): Record<string, unknown>[] {
  return world.log
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ event }) => event === 'http.bulk');
}

/** A body that the test sends piece by piece. */
function sentByHand() {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({ start: (opened) => void (controller = opened) });
  return {
    body,
    send: (text: string) => controller.enqueue(new TextEncoder().encode(text)),
    end: () => controller.close(),
    break: () => controller.error(new Error('aborted')),
  };
}

describe('many jobs in one request', () => {
  test('are started and answered a line each, in their order', async () => {
    const world = webWorld();
    const names = Array.from({ length: 3_000 }, (_, index) => `name ${index}`);
    const body = lines(...names.map((name) => ({ ...HELLO, args: { name }, delayMs: 60_000 })));
    const results = await resultsOf(await world.bulk(body));
    expect(results.map(({ line }) => line)).toEqual(names.map((_, index) => index + 1));
    expect(new Set(results.map(({ status, state }) => `${status} ${state}`))).toEqual(new Set(['202 scheduled']));
    for (const [index, { id = '' }] of results.entries())
      expect((await world.jobs.read(id)).args).toEqual({ name: names[index] });
    expect(new Set(results.map(({ id }) => id)).size).toBe(3_000);
    expect(Math.max(...world.jobs.slices)).toBeLessThanOrEqual(2_000);
    expect(world.jobs.slices.reduce((sum, size) => sum + size, 0)).toBe(3_000);
    expect(bulkLogs(world)).toEqual([
      expect.objectContaining({ accepted: 3_000, repeated: 0, refused: 0, gone: false }),
    ]);
  });

  test('begin to be answered before the request has ended', async () => {
    const world = webWorld();
    const sender = sentByHand();
    const response = await world.bulk(sender.body);
    const answers = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    sender.send(lines(HELLO));
    expect(parse((await answers.read()).value ?? '')).toMatchObject([{ line: 1, status: 202 }]);
    sender.send(lines(HELLO).trimEnd());
    sender.end();
    expect(parse((await answers.read()).value ?? '')).toMatchObject([{ line: 2, status: 202 }]);
    expect((await answers.read()).done).toBe(true);
  });

  test('may ask for all that a single one may', async () => {
    const world = webWorld();
    const options = {
      dueAt: '2030-01-01T00:00:00.000Z',
      queue: 'mailers',
      maxAttempts: 3,
      retryDelaysMs: [1],
      priority: 2,
    };
    const [result] = await resultsOf(await world.bulk(lines({ ...HELLO, ...options })));
    expect((await world.jobs.read(result?.id ?? '')).job).toMatchObject({
      dueAt: options.dueAt,
      queue: 'mailers',
      maxAttempts: 3,
    });
  });

  test.each(['', '\n', '\n\r\n  \n'])('that are none, %j, are answered with nothing', async (body) => {
    const world = webWorld();
    expect(await resultsOf(await world.bulk(body))).toEqual([]);
    expect(world.jobs.slices).toEqual([]);
  });

  test.each(['application/x-ndjson; charset=utf-8', 'Application/X-NDJSON', 'application/jsonl'])(
    'may come as %s',
    async (type) => {
      expect(await resultsOf(await webWorld().bulk(lines(HELLO), { 'content-type': type }))).toHaveLength(1);
    },
  );

  test.each(['application/json', 'text/plain', 'application/x-www-form-urlencoded', ''])(
    'that come as %j are refused',
    async (type) => {
      const world = webWorld();
      const response = await world.bulk(lines(HELLO), { 'content-type': type });
      expect(response.status).toBe(415);
      expect(await response.json()).toMatchObject({
        type: '/api/docs#unsupported-media-type',
        detail: expect.stringContaining('application/x-ndjson'),
      });
      expect(world.jobs.started).toEqual([]);
    },
  );
});

describe('a line that is not usable', () => {
  test('is answered by itself and harms no other', async () => {
    const world = webWorld();
    const body = lines(
      HELLO,
      '{"kind": "NameWorkflow", oops',
      '',
      { ...HELLO, args: { name: ' ', age: 3 } },
      `${JSON.stringify(HELLO)}\r`,
      [HELLO],
      'null',
      { ...HELLO, kind: 'TeaWorkflow' },
      HELLO,
      { ...HELLO, color: 'red', priority: 6 },
    );
    const results = await resultsOf(await world.bulk(body));
    expect(results.map(({ line, status }) => [line, status])).toEqual([
      [1, 202],
      [2, 400],
      [4, 422],
      [5, 202],
      [6, 422],
      [7, 422],
      [8, 422],
      [9, 202],
      [10, 422],
    ]);
    const [, notJson, invalid] = results;
    expect(notJson?.problem).toMatchObject({
      type: '/api/docs#malformed-body',
      status: 400,
      detail: 'Line 2: It is not JSON.',
    });
    expect(invalid?.problem).toMatchObject({
      type: '/api/docs#invalid-request',
      detail: expect.stringMatching(/^Line 4: /),
    });
    expect(invalid?.problem?.errors).toEqual([
      { field: 'args.name', detail: 'must not be empty' },
      { field: 'args.age', detail: 'is not known here' },
    ]);
    expect(results.at(-1)?.problem?.errors).toEqual([
      { field: 'priority', detail: expect.any(String) },
      { field: 'color', detail: 'is not known here' },
    ]);
    expect(world.jobs.started).toEqual([1, 5, 9].map((line) => results.find((result) => result.line === line)?.id));
    expect(bulkLogs(world)).toEqual([expect.objectContaining({ accepted: 3, refused: 6 })]);
  });

  test('because it is too long is answered 413, and the rest goes on', async () => {
    const world = webWorld();
    const long = JSON.stringify({ ...HELLO, args: { name: 'x'.repeat(LIMITS.bulkLineBytes) } });
    const padded = JSON.stringify(HELLO).padEnd(LIMITS.bulkLineBytes, ' ');
    const results = await resultsOf(await world.bulk(lines(HELLO, long, padded, HELLO)));
    expect(statuses(results)).toEqual([202, 413, 202, 202]);
    expect(results[1]?.problem).toMatchObject({
      type: '/api/docs#job-too-large',
      detail: `Line 2: It has ${long.length} bytes, and ${LIMITS.bulkLineBytes} are possible.`,
    });
  });

  test('because its job is too large is answered 413 by line and key', async () => {
    const world = webWorld();
    const { startAll } = world.jobs;
    world.jobs.startAll = async (jobs) => {
      const [first, second] = await startAll(jobs.slice(0, 2));
      return [first!, { status: 'rejected', reason: new JobTooLargeError(2_050_000) }, second!];
    };
    const results = await resultsOf(await world.bulk(lines(HELLO, { ...HELLO, idempotencyKey: 'order-1' }, HELLO)));
    expect(statuses(results)).toEqual([202, 413, 202]);
    expect(results[1]?.problem).toMatchObject({
      type: '/api/docs#job-too-large',
      detail: expect.stringMatching(
        /^Line 2 \(order-1\): The arguments have 2050000 bytes as JSON, and \d+ are possible/,
      ),
    });
  });
});

describe('keys on lines', () => {
  test('an idempotency key becomes the id, and its repeat finds the first job', async () => {
    const world = webWorld();
    const body = lines({ ...HELLO, idempotencyKey: 'order/1' }, HELLO, { ...HELLO, idempotencyKey: 'order/1' });
    const first = await resultsOf(await world.bulk(body));
    const again = await resultsOf(await world.bulk(lines({ ...HELLO, idempotencyKey: 'order/1' })));
    expect(statuses(first)).toEqual([202, 202, 200]);
    expect(again).toMatchObject([{ line: 1, status: 200, id: 'order/1' }]);
    expect(bulkLogs(world)).toMatchObject([{ accepted: 2, repeated: 1 }, { repeated: 1 }]);
  });

  test('a request key lets the job travel in a group, and its repeat finds the first job there', async () => {
    const world = webWorld();
    const keyed = { ...HELLO, requestKey: 'enqueue-1' };
    const [first] = await resultsOf(await world.bulk(lines(keyed, HELLO)));
    expect(itemAddress(first?.id ?? '')).toMatchObject({ item: 0 });
    const firstSentAt = '2026-11-24T10:00:00+01:00';
    const again = await resultsOf(await world.bulk(lines({ ...keyed, firstSentAt })));
    expect(again).toEqual([{ line: 1, status: 200, id: first?.id, state: 'scheduled' }]);
    expect(world.jobs.keys).toEqual([
      { requestKey: 'enqueue-1' },
      { requestKey: 'enqueue-1', firstSentAt: Date.parse(firstSentAt) },
    ]);
  });

  test('a key of a job with other contents is refused', async () => {
    const world = webWorld();
    const key = { idempotencyKey: 'order-1' };
    const body = lines({ ...HELLO, ...key }, { ...HELLO, args: { name: 'bar' }, ...key });
    const [, second] = await resultsOf(await world.bulk(body));
    expect(second).toMatchObject({ status: 422, problem: { type: '/api/docs#key-reused' } });
    expect(second?.problem?.detail).toMatch(/^Line 2 \(order-1\): /);
  });

  const unusable: [string, object, string][] = [
    ['both keys', { idempotencyKey: 'a', requestKey: 'b' }, 'requestKey'],
    ['a first sending of nothing', { firstSentAt: '2026-11-24T10:00:00Z' }, 'firstSentAt'],
    ['a first sending without a zone', { requestKey: 'a', firstSentAt: '2026-11-24T10:00:00' }, 'firstSentAt'],
    ['a key like a group’s id', { idempotencyKey: FIRST_GROUP }, 'idempotencyKey'],
    ['a key like the id of a job in a group', { requestKey: `${FIRST_GROUP}.3` }, 'requestKey'],
    ['a key that is no text', { requestKey: 7 }, 'requestKey'],
  ];
  test.each(unusable)('%s is refused, naming the field', async (_, keys, field) => {
    const world = webWorld();
    const [result] = await resultsOf(await world.bulk(lines({ ...HELLO, ...keys })));
    expect(result).toMatchObject({ status: 422, problem: { errors: [{ field }] } });
    expect(world.jobs.started).toEqual([]);
  });
});

describe('a body over the limit', () => {
  test('is refused by its length', async () => {
    const world = webWorld();
    const response = await world.bulk(lines(HELLO), { 'content-length': String(LIMITS.bulkBytes + 1) });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({
      type: '/api/docs#body-too-large',
      detail: expect.stringContaining(String(LIMITS.bulkBytes)),
    });
    expect(world.jobs.started).toEqual([]);
  });

  test('that does not tell its length is cut off there, and its last answer says so', async () => {
    const world = webWorld();
    const padded = new TextEncoder().encode(`${JSON.stringify(HELLO).padEnd(1024 * 1024 - 1, ' ')}\n`);
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        controller.enqueue(padded);
      },
    });
    const results = await resultsOf(await world.bulk(endless));
    expect(statuses(results)).toEqual([...Array.from({ length: 64 }, () => 202), 413]);
    expect(results.at(-1)).toMatchObject({ line: 65, problem: { type: '/api/docs#body-too-large' } });
    expect(world.jobs.started).toHaveLength(64);
    expect(sent).toBeLessThan(70);
  });
});

test('of a body that breaks off, what was complete is started and answered', async () => {
  const world = webWorld();
  const sender = sentByHand();
  const response = await world.bulk(sender.body);
  sender.send(`${lines(HELLO, HELLO)}{"kind":"NameWorkflow"`);
  await vi.waitFor(() => expect(world.jobs.started).toHaveLength(2));
  sender.break();
  const results = await resultsOf(response);
  expect(statuses(results)).toEqual([202, 202, 400]);
  expect(results[2]).toMatchObject({ line: 3, problem: { detail: 'Line 3: The body broke off in this line.' } });
});

test('when the caller has gone, nothing more is started', async () => {
  const world = webWorld();
  const { promise: started, resolve: startNow } = Promise.withResolvers<void>();
  world.jobs.startsWhen = () => started;
  const response = await world.bulk(lines(...Array.from({ length: 9_000 }, () => HELLO)));
  await vi.waitFor(() => expect(world.jobs.slices).toHaveLength(2));
  const cancelled = response.body!.cancel();
  startNow();
  await cancelled;
  await vi.waitFor(() => expect(bulkLogs(world)).toMatchObject([{ gone: true }]));
  expect(world.jobs.slices).toHaveLength(2);
  expect(world.jobs.started.length).toBeLessThanOrEqual(4_000);
});

describe('trouble in here', () => {
  test('when Temporal does not answer, each line says so and tells nothing of the inside', async () => {
    const world = webWorld();
    world.jobs.unreachable();
    const text = await (await world.bulk(lines(HELLO, 'oops', HELLO))).text();
    expect(statuses(parse(text))).toEqual([503, 400, 503]);
    expect(parse(text)[0]?.problem).toMatchObject({ type: '/api/docs#temporal-unreachable' });
    expect(text).not.toContain('ECONNREFUSED');
  });

  test('what nobody foresaw is logged once, with the line and the request', async () => {
    const world = webWorld();
    world.jobs.failure = new TypeError('secret is not a function');
    const response = await world.bulk(lines('oops', HELLO, HELLO));
    const text = await response.text();
    expect(statuses(parse(text))).toEqual([400, 500, 500]);
    expect(text).not.toContain('secret');
    const logged = world.log.map((line) => JSON.parse(line) as object).filter((line) => 'err' in line);
    expect(logged).toEqual([
      expect.objectContaining({
        event: 'http.failed',
        line: 2,
        requestId: response.headers.get('x-request-id'),
        err: expect.objectContaining({ message: 'secret is not a function' }),
      }),
    ]);
  });
});

test('jobs of a bulk request that may travel together do', async () => {
  const world = webWorld();
  const results = await resultsOf(await world.bulk(lines(...Array.from({ length: 502 }, () => HELLO))));
  const groups = Map.groupBy(results, ({ id = '' }) => itemAddress(id)?.groupId ?? '');
  expect([...groups.values()].map(({ length }) => length)).toEqual([500, 2]);
  expect([...groups.keys()].every(isGroupId)).toBe(true);
});

describe('a request that asks too much', () => {
  test('by lines that are no jobs ends soon, and says where', async () => {
    const world = webWorld();
    const text = await (await world.bulk('1\n'.repeat(200_000))).text();
    expect(text.length).toBeLessThan(2 * 1024 * 1024);
    const results = parse(text);
    expect(results.length).toBeGreaterThan(BULK_LIMITS.refusedLines);
    expect(results.map(({ line }) => line)).toEqual(results.map((_, index) => index + 1));
    const last = results.at(-1);
    expect(last?.problem).toEqual({
      type: '/api/docs#too-many-refusals',
      title: 'Too many lines of the request are refused',
      status: 422,
      detail: `Line ${results.length}: ${results.length - 1} lines before it are refused, so nothing was started from here on.`,
    });
    expect(bulkLogs(world)).toEqual([expect.objectContaining({ accepted: 0, refused: results.length - 1 })]);
  });

  test('by lines that are no jobs, but has no more of them, is answered to its end', async () => {
    const results = await resultsOf(await webWorld().bulk('1\n'.repeat(BULK_LIMITS.refusedLines)));
    expect(new Set(statuses(results))).toEqual(new Set([422]));
    expect(results.at(-1)?.problem?.type).toBe('/api/docs#invalid-request');
  });

  test('by the number of its lines ends there', async () => {
    const world = webWorld();
    const body = `${lines(HELLO)}${'\n'.repeat(BULK_LIMITS.lines - 1)}${lines(HELLO)}`;
    const results = await resultsOf(await world.bulk(body));
    expect(results.map(({ line, status }) => [line, status])).toEqual([
      [1, 202],
      [BULK_LIMITS.lines + 1, 413],
    ]);
    expect(world.jobs.started).toHaveLength(1);
  });

  test('together with others that are under way is told to come again, and has its place when one is over', async () => {
    const world = webWorld();
    const senders = Array.from({ length: BULK_LIMITS.requests }, () => sentByHand());
    const open = await Promise.all(senders.map(async ({ body }) => world.bulk(body)));
    const refused = await world.bulk(lines(HELLO));
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('2');
    expect(await refused.json()).toMatchObject({ type: '/api/docs#too-many-bulk-requests' });
    const left = open[0]?.body?.cancel();
    senders[0]?.end();
    await left;
    senders[1]?.end();
    await open[1]?.text();
    const next = [sentByHand(), sentByHand()];
    for (const { body } of next) expect((await world.bulk(body)).status).toBe(200);
    expect((await world.bulk(lines(HELLO))).status).toBe(503);
    for (const { end } of [...senders.slice(2), ...next]) end();
  });
});

test.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('%s does not fit the address', async (method) => {
  const world = webWorld();
  await world.start('bulk', { delayMs: 60_000 });
  const response = await world.ask('/api/jobs/bulk', { method });
  expect(response.status).toBe(405);
  expect(response.headers.get('allow')).toBe('POST');
});
