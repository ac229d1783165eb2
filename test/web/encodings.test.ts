import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { pino } from 'pino';
import { loadConfig } from '../../src/config/config.ts';
import { startWebServer } from '../../src/web/server.ts';
import { FakeJobs } from '../support/fake-jobs.ts';
import { freePort } from '../support/free-port.ts';
import { CATALOGUE } from '../support/kinds.ts';
import { head, rawConnection, type RawConnection } from '../support/raw-http.ts';
import { webWorld, type WebWorld } from '../support/web-app.ts';

const JSON_TYPE = 'application/json';
const NDJSON = 'application/x-ndjson';
const FORM = 'application/x-www-form-urlencoded';
const BOM = '\uFEFF';

const hello = (name: string): string => JSON.stringify({ kind: 'NameWorkflow', args: { name } });

async function post(world: WebWorld, path: string, body: string | Uint8Array<ArrayBuffer>, type: string, more = {}) {
  return world.ask(path, { method: 'POST', body, headers: { 'content-type': type, ...more } });
}

async function names(world: Pick<WebWorld, 'jobs'>): Promise<unknown[]> {
  const read = world.jobs.started.map(async (id) => (await world.jobs.read(id)).args);
  return (await Promise.all(read)).map((args) => (args as { name: string }).name);
}

/** The same text as programs of older systems, and of Windows, write it. */
const NOT_UTF8: [string, Buffer<ArrayBuffer>][] = [
  ['Latin-1', Buffer.from(hello('Renée'), 'latin1')],
  ['Latin-1 at the very end', Buffer.from(`${hello('foo')} \xA0`, 'latin1')],
  ['UTF-16', Buffer.from(`${BOM}${hello('foo')}`, 'utf16le')],
  ['a letter cut in two', Buffer.from(hello('é')).subarray(0, -4)],
  ['half an emoji in three bytes', Buffer.from(hello('\xED\xA0\xBD'), 'latin1')],
  ['a slash in two bytes', Buffer.from(hello('\xC0\xAF'), 'latin1')],
  ['gzip without saying so', gzipSync(hello('foo'))],
];

describe('a body that is not UTF-8', () => {
  test.each(NOT_UTF8)('%s, is refused', async (_, body) => {
    const world = webWorld();
    const response = await post(world, '/api/jobs', body, JSON_TYPE);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({
      type: '/api/docs#malformed-body',
      detail: expect.stringContaining('UTF-8'),
    });
    expect(world.jobs.started).toEqual([]);
  });

  test.each(NOT_UTF8)('%s, is refused as an edit', async (_, body) => {
    const world = webWorld();
    await world.start('j', { delayMs: 60_000 });
    const response = await world.ask('/api/jobs/j', { method: 'PATCH', body, headers: { 'content-type': JSON_TYPE } });
    expect(response.status).toBe(400);
    expect(await names(world)).toEqual(['foo']);
  });

  test('is refused as one line of many, and the others go on', async () => {
    const world = webWorld();
    const lines = NOT_UTF8.filter(([, line]) => !line.includes('\n')).map(([, line]) => line);
    const end = Buffer.from('\n');
    const body = Buffer.concat([...lines, Buffer.from(hello('Renée'))].flatMap((line) => [line, end]));
    const answers = (await (await post(world, '/api/jobs/bulk', body, NDJSON)).text()).trim().split('\n');
    const results = answers.map((line) => JSON.parse(line) as { status: number; problem?: { detail: string } });
    expect(results.map(({ status }) => status)).toEqual([...lines.map(() => 400), 202]);
    for (const { problem } of results.slice(0, -1)) expect(problem?.detail).toMatch(/^Line \d: .*UTF-8/);
    expect(await names(world)).toEqual(['Renée']);
  });

  test('is refused as a form', async () => {
    const world = webWorld();
    await world.start('j', { delayMs: 60_000 });
    for (const form of ['dueAt=\xE9', 'dueAt=%E9', 'dueAt=2030-01-01&a%FF=b']) {
      const response = await post(world, '/jobs/j/reschedule', Buffer.from(form, 'latin1'), FORM);
      expect([form, response.status]).toEqual([form, 400]);
    }
    expect((await world.jobs.read('j')).job.state).toBe('scheduled');
  });
});

describe('a body that says it is of another charset', () => {
  const types = ['iso-8859-1', '"ISO-8859-1"', 'latin1', 'windows-1252', 'utf-16', 'utf-16le', 'us-ascii', 'nonsense'];
  const places: [string, string][] = [
    ['/api/jobs', JSON_TYPE],
    ['/api/jobs/bulk', NDJSON],
    ['/jobs/j/reschedule', FORM],
  ];
  for (const [path, type] of places)
    test.each(types)(`is refused at ${path}: %s`, async (charset) => {
      const world = webWorld();
      await world.start('j', { delayMs: 60_000 });
      const response = await post(world, path, hello('foo'), `${type}; charset=${charset}`);
      expect(response.status).toBe(415);
      expect(world.jobs.started).toEqual(['j']);
    });

  test.each(['utf-8', 'UTF-8', '"utf-8"', 'utf8'])('is taken as %s', async (charset) => {
    const world = webWorld();
    const single = await post(world, '/api/jobs', hello('Renée'), `${JSON_TYPE}; charset=${charset}`);
    const bulk = await post(world, '/api/jobs/bulk', hello('Renée'), `${NDJSON};charset=${charset}`);
    expect([single.status, bulk.status]).toEqual([202, 200]);
    await bulk.text();
    expect(await names(world)).toEqual(['Renée', 'Renée']);
  });
});

describe('a byte order mark', () => {
  test('is skipped by a single start', async () => {
    const world = webWorld();
    expect((await post(world, '/api/jobs', `${BOM}${hello('Renée')}`, JSON_TYPE)).status).toBe(202);
    expect(await names(world)).toEqual(['Renée']);
  });

  test('is skipped by a bulk, also where files with one were put together', async () => {
    const world = webWorld();
    const body = `${BOM}${hello('a')}\n${BOM}${hello('b')}\n${BOM}\n${BOM}`;
    const text = await (await post(world, '/api/jobs/bulk', body, NDJSON)).text();
    expect(text.match(/"line":\d,"status":\d+/g)).toEqual(['"line":1,"status":202', '"line":2,"status":202']);
    expect(await names(world)).toEqual(['a', 'b']);
  });

  test('is part of a name, where it does not stand in front', async () => {
    const world = webWorld();
    await post(world, '/api/jobs', hello(`a${BOM}b`), JSON_TYPE);
    expect(await names(world)).toEqual([`a${BOM}b`]);
  });
});

describe('a body with a Content-Encoding', () => {
  const encodings = ['gzip', 'GZIP', 'br', 'deflate', 'zstd', 'identity, gzip', 'nonsense'];
  const places: [string, string][] = [
    ['/api/jobs', JSON_TYPE],
    ['/api/jobs/bulk', NDJSON],
    ['/api/jobs/j/pause', JSON_TYPE],
    ['/jobs/j/reschedule', FORM],
  ];
  for (const [path, type] of places)
    test.each(encodings)(`is refused at ${path}: %s`, async (encoding) => {
      const world = webWorld();
      await world.start('j', { delayMs: 60_000 });
      const body = gzipSync(hello('foo'));
      const response = await post(world, path, body, type, { 'content-encoding': encoding });
      expect(response.status).toBe(415);
      // Says what would be taken: RFC 9110, 15.5.16.
      expect(response.headers.get('accept-encoding')).toBe('identity');
      expect(await response.text()).toContain('Content-Encoding');
      expect((await world.jobs.read('j')).job.state).toBe('scheduled');
      expect(world.jobs.started).toEqual(['j']);
    });

  test.each(['identity', 'Identity', ''])('is taken as %j', async (encoding) => {
    const world = webWorld();
    const response = await post(world, '/api/jobs', hello('foo'), JSON_TYPE, { 'content-encoding': encoding });
    expect(response.status).toBe(202);
  });
});

describe('an address with escaped bytes that are not UTF-8', () => {
  const targets = ['/?name=%E9', '/?name=a%E9b', '/?name=%C3', '/?name=%ED%A0%BD', '/?%E9=a', '/?name=a&x=%FF%FE'];
  test.each([...targets, '/jobs/%E9', '/api/jobs/%E9', '/groups/%FF'])('%s is refused', async (target) => {
    const world = webWorld();
    const response = await world.get(target);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('UTF-8');
    expect(world.jobs.started).toEqual([]);
  });

  test('is a problem document to programs', async () => {
    const response = await webWorld().get('/api/jobs/%E9');
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ type: '/api/docs#malformed-address', instance: '/api/jobs/%E9' });
  });

  test.each([
    ['Ren%C3%A9e', 'Renée'],
    ['%F0%9F%91%A9', '👩'],
    ['50%', '50%'],
    ['50%25', '50%'],
    ['%zz', '%zz'],
    ['a+b', 'a b'],
  ])('?name=%s is the name %j', async (escaped, name) => {
    const world = webWorld();
    expect((await world.get(`/?name=${escaped}`)).status).toBe(303);
    expect(await names(world)).toEqual([name]);
  });
});

describe('over a socket', () => {
  async function setup(): Promise<{ jobs: FakeJobs; connection: RawConnection }> {
    const jobs = new FakeJobs();
    const port = await freePort();
    const config = loadConfig({ PORT: String(port) });
    const server = await startWebServer({ config, catalogue: CATALOGUE, jobs, log: pino({ level: 'silent' }) });
    onTestFinished(() => server.stop());
    return { jobs, connection: await rawConnection(port) };
  }

  // As curl sends what is typed into a terminal. Not read as UTF-8, since no address may hold such bytes.
  test.each(['utf8', 'latin1'] as const)('a name whose bytes come unescaped, in %s, is refused', async (encoding) => {
    const { jobs, connection } = await setup();
    await connection.send(Buffer.from(head('GET', '/?name=Renée', { Connection: 'close' }), encoding));
    await connection.over;
    expect(connection.received()).toMatch(/^HTTP\/1\.1 400 /);
    expect(jobs.started).toEqual([]);
  });

  test.each(['Idempotency-Key', 'Request-Key'])(
    '%s that is no ASCII is refused, in UTF-8 and in Latin-1',
    async (name) => {
      for (const encoding of ['utf8', 'latin1'] as const) {
        const { jobs, connection } = await setup();
        const body = hello('foo');
        const headers = { 'Content-Type': JSON_TYPE, 'Content-Length': body.length, Connection: 'close', [name]: 'é' };
        await connection.send(Buffer.from(`${head('POST', '/api/jobs', headers)}${body}`, encoding));
        await connection.over;
        expect(connection.received()).toMatch(/^HTTP\/1\.1 422 /);
        expect(jobs.started).toEqual([]);
      }
    },
  );
});
