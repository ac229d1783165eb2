import { describe, expect, test } from 'vitest';
import { ORIGIN, webWorld } from '../support/web-app.ts';

const PATHS = ['/', '/jobs/j', '/jobs/nobody', '/api/jobs/j', '/api/docs', '/api/openapi.json', '/nothing'];

test.each(PATHS)('%s carries the security headers and may not be stored', async (path) => {
  const world = webWorld();
  await world.start('j', { delayMs: 60_000 });
  const { headers } = await world.get(path);
  expect(headers.get('content-security-policy')).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  );
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('x-frame-options')).toBe('DENY');
  expect(headers.get('referrer-policy')).toBe('same-origin');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('x-powered-by')).toBeNull();
});

test.each(['/', '/jobs/j', '/groups/g', '/api/docs', '/nothing'])(
  '%s needs no inline script or style',
  async (path) => {
    const world = webWorld();
    await world.start('j', { delayMs: 60_000 });
    const group = await world.startGroup(2, { delayMs: 60_000 });
    const response = await world.get(path === '/groups/g' ? `/groups/${group.id}` : path);
    expect(response.status).toBe(path === '/nothing' ? 404 : 200);
    const html = await response.text();
    expect(html).not.toMatch(/<style|\sstyle=|\son[a-z]+=|javascript:/i);
    for (const [, attributes = '', content = ''] of html.matchAll(/<script([^>]*)>(.*?)<\/script>/gs)) {
      expect(attributes).toContain('src="/assets/');
      expect(content).toBe('');
    }
  },
);

/** Of the assets that a page names. */
function addresses(html: string): string[] {
  return [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path = '']) => path);
}

function loginAs(user: string, password: string): Record<string, string> {
  return { authorization: `Basic ${btoa(`${user}:${password}`)}` };
}

describe('assets', () => {
  test('are kept for good under the address that pages use', async () => {
    const world = webWorld();
    const paths = addresses(await (await world.get('/')).text());
    expect(new Set(paths.map((path) => path.split('.').at(-1)))).toEqual(new Set(['svg', 'css', 'js']));
    for (const path of paths) {
      const response = await world.get(path);
      expect(response.status).toBe(200);
      expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(response.headers.get('content-type')).toMatch(/^(text\/css|text\/javascript|image\/svg\+xml)/);
    }
  });

  test('every module that the script imports is there', async () => {
    const world = webWorld();
    const main = addresses(await (await world.get('/')).text()).find((path) => path.endsWith('.js'));
    const pending = [main ?? ''];
    const seen = new Set<string>();
    for (const path of pending) {
      if (seen.has(path)) continue;
      seen.add(path);
      const response = await world.get(path);
      expect(response.status).toBe(200);
      const imports = (await response.text()).matchAll(/^import .* from '(\.\/[^']+)'/gm);
      for (const [, name = ''] of imports) pending.push(new URL(name, `${ORIGIN}${path}`).pathname);
    }
    expect([...seen].map((path) => path.split('/').at(-1))).toContain('idiomorph.js');
  });

  test('of an older version are served as they are now, and not kept', async () => {
    const response = await webWorld().get('/assets/0123456789ab/base.css');
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-cache');
  });

  test.each(['nothing.css', '..%2f..%2fapp.tsx', '%2e%2e%2fapp.tsx'])('%s is none', async (name) => {
    expect((await webWorld().get(`/assets/0123456789ab/${name}`)).status).toBe(404);
  });
});

describe('requests from other sites', () => {
  const foreign: [string, Record<string, string>][] = [
    ['another origin', { origin: 'https://evil.example' }],
    ['another port of this machine', { origin: 'http://localhost:4000' }],
    ['an opaque origin', { origin: 'null' }],
    ['a cross-site fetch', { 'sec-fetch-site': 'cross-site' }],
    ['a same-site fetch of another origin', { 'sec-fetch-site': 'same-site', origin: ORIGIN }],
  ];
  const changes: [string, string][] = [
    ['POST', '/jobs/j/cancel'],
    ['POST', '/api/jobs/j/pause'],
    ['POST', '/api/jobs/bulk'],
    ['DELETE', '/api/jobs/j'],
  ];
  for (const [method, path] of changes)
    test.each(foreign)(`${method} ${path} by %s does nothing`, async (_, headers) => {
      const world = webWorld();
      await world.start('j', { delayMs: 60_000 });
      expect((await world.send(method, path, undefined, headers)).status).toBe(403);
      expect((await world.jobs.read('j')).job.state).toBe('scheduled');
    });

  test('JSON of another origin starts nothing', async () => {
    const world = webWorld();
    const body = { kind: 'NameWorkflow', args: { name: 'foo' } };
    const response = await world.send('POST', '/api/jobs', body, { origin: 'https://evil.example' });
    expect(response.status).toBe(403);
    expect(world.jobs.started).toEqual([]);
  });

  const own: [string, Record<string, string>][] = [
    ['a program that is no browser', {}],
    ['our own page', { origin: ORIGIN, 'sec-fetch-site': 'same-origin' }],
    ['our own page in an older browser', { origin: ORIGIN }],
    ['our own page behind a proxy that ends TLS', { origin: ORIGIN.replace('http:', 'https:') }],
  ];
  test.each(own)('%s is let through', async (_, headers) => {
    const world = webWorld();
    await world.start('j', { delayMs: 60_000 });
    expect((await world.send('DELETE', '/api/jobs/j', undefined, headers)).status).toBe(200);
  });
});

describe('host names', () => {
  const env = {
    HOST: '10.0.0.5',
    HOLDFAST_PASSWORD: 'correct horse',
    HOLDFAST_ALLOWED_HOSTS: 'jobs.example, Other.example',
  };
  const login = loginAs('holdfast', 'correct horse');
  const from = async (origin: string, path = '/'): Promise<Response> => {
    const world = webWorld({ env });
    return world.get(new URL(path, origin).href, login);
  };

  test.each(['localhost:3000', '127.0.0.1', '[::1]:3000', '10.0.0.5', 'jobs.example', 'OTHER.example:8443'])(
    '%s is ours',
    async (host) => {
      expect((await from(`http://${host}`)).status).toBe(200);
    },
  );

  test.each(['evil.example', 'jobs.example.evil.example', 'localhost.evil.example', '10.0.0.6'])(
    '%s is not, and the answer says what to do',
    async (host) => {
      const response = await from(`http://${host}`);
      expect(response.status).toBe(421);
      expect(await response.text()).toContain(`HOLDFAST_ALLOWED_HOSTS=${host}`);
    },
  );

  test('health is answered under any name', async () => {
    expect((await from('http://10.9.8.7:3000', '/healthz')).status).toBe(200);
  });
});

describe('the login', () => {
  const env = { HOLDFAST_PASSWORD: 'correct horse battery' };
  test.each([...PATHS, '/jobs/j/events', '/assets/x/base.css'])('%s asks for it', async (path) => {
    const world = webWorld({ env });
    await world.start('j');
    const response = await world.get(path);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Basic realm="Holdfast"');
  });

  test('starting a job asks for it', async () => {
    const world = webWorld({ env });
    expect((await world.get('/?name=foo')).status).toBe(401);
    expect((await world.send('POST', '/api/jobs', { kind: 'NameWorkflow', args: { name: 'foo' } })).status).toBe(401);
    expect(world.jobs.started).toEqual([]);
  });

  test('a wrong user or password is refused, the right ones are let in', async () => {
    const world = webWorld({ env });
    expect((await world.get('/', loginAs('holdfast', 'wrong horse battery'))).status).toBe(401);
    expect((await world.get('/', loginAs('admin', env.HOLDFAST_PASSWORD))).status).toBe(401);
    expect((await world.get('/', loginAs('holdfast', env.HOLDFAST_PASSWORD))).status).toBe(200);
  });

  test.each(['/healthz', '/readyz'])('%s does not ask', async (path) => {
    expect((await webWorld({ env }).get(path)).status).toBe(200);
  });

  test('without a password nobody is asked', async () => {
    expect((await webWorld().get('/')).status).toBe(200);
  });
});

describe('health', () => {
  test('the process is up, whatever Temporal does', async () => {
    const world = webWorld();
    world.jobs.unreachable();
    const response = await world.get('/healthz');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ web: 'ok' });
  });

  test.each(['present', 'none', 'unknown'] as const)('ready with workers %s', async (workers) => {
    const world = webWorld();
    world.jobs.workers = workers;
    const response = await world.get('/readyz');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ temporal: 'ok', workers });
  });

  test('not ready without Temporal', async () => {
    const world = webWorld();
    world.jobs.unreachable();
    const response = await world.get('/readyz');
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('2');
    expect(await response.json()).toEqual({ temporal: 'unreachable' });
  });

  test('ready, with the number of jobs that cannot go on, each of which is logged once', async () => {
    const world = webWorld();
    const { id } = await world.startGroup(2);
    world.jobs.stuck.set(id, 'no workflow of that kind');
    for (let n = 0; n < 3; n += 1) {
      const response = await world.get('/readyz');
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({ temporal: 'ok', workers: 'present', cannotGoOn: 1 });
    }
    const said = world.log.map((line) => JSON.parse(line) as { event?: string; jobId?: string; msg: string });
    expect(said.filter(({ event }) => event === 'job.stuck')).toMatchObject([
      { jobId: id, msg: `${id} cannot go on: its workflow fails again and again. Its page says why` },
    ]);
  });

  test('not ready while Temporal takes no jobs, though the process is up', async () => {
    const world = webWorld();
    world.jobs.takesJobs = false;
    const response = await world.get('/readyz');
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('2');
    expect(await response.json()).toEqual({ temporal: 'failing', workers: 'present' });
    expect((await world.get('/healthz')).status).toBe(200);
  });
});

test('each request is logged once, without its query', async () => {
  const world = webWorld();
  await world.get('/?name=secret-name');
  const lines = world.log.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines).toEqual([
    expect.objectContaining({
      event: 'http.request',
      method: 'GET',
      path: '/',
      status: 303,
      ms: expect.any(Number),
      address: 'unknown',
      user: null,
      requestId: expect.any(String),
    }),
  ]);
  expect(world.log.join('')).not.toContain('secret-name');
});

test('a request’s own id is kept and answered, an unusable one replaced', async () => {
  const world = webWorld();
  expect((await world.get('/healthz', { 'x-request-id': 'abc-1' })).headers.get('x-request-id')).toBe('abc-1');
  expect((await world.get('/healthz', { 'x-request-id': 'a b<c>' })).headers.get('x-request-id')).toMatch(
    /^[\w-]{36}$/,
  );
});
