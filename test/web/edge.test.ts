import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { startWebServer } from '../../src/web/server.ts';
import { FakeJobs } from '../support/fake-jobs.ts';
import { freePort } from '../support/free-port.ts';
import { asked, CATALOGUE } from '../support/kinds.ts';
import { rawConnection } from '../support/raw-http.ts';
import { webWorld } from '../support/web-app.ts';

test('who asks for a live page’s head alone takes no place of a live page', async () => {
  const world = webWorld({ streamLimits: { streams: 1 } });
  await world.start('j', { delayMs: 60_000 });
  for (let times = 0; times < 3; times += 1) {
    const response = await world.ask('/jobs/j/events', { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
  }
  expect(world.streams.open).toBe(0);
  expect((await world.ask('/jobs/nobody/events', { method: 'HEAD' })).status).toBe(404);
  expect(world.streams.open).toBe(0);
});

test.each(['/', '/api/jobs/j', '/healthz'])('a request for %s with two Host headers is refused', async (path) => {
  const port = await freePort();
  const deps = {
    config: loadConfig({ PORT: String(port) }),
    catalogue: CATALOGUE,
    jobs: new FakeJobs(),
    log: pino({ level: 'silent' }),
  };
  const server = await startWebServer(deps);
  onTestFinished(() => server.stop());
  const { send, over, received } = await rawConnection(port);
  await send(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n`);
  await over;
  expect(received()).toMatch(/^HTTP\/1\.1 400 /);
});

test('a client that opens live pages without end leaves places for others, and is told so', async () => {
  const port = await freePort();
  const jobs = new FakeJobs();
  await jobs.start(asked({ delayMs: 60_000 }), { idempotencyKey: 'j' });
  const config = loadConfig({ PORT: String(port), HOLDFAST_TRUSTED_PROXIES: '127.0.0.1' });
  const server = await startWebServer({ config, catalogue: CATALOGUE, jobs, log: pino({ level: 'silent' }) });
  onTestFinished(() => server.stop());
  // One network of IPv6, whichever of its addresses it uses.
  const open = async (from: string): Promise<Response> =>
    fetch(`${server.url}/jobs/j/events`, { headers: { 'X-Forwarded-For': from } });
  const opened = await Promise.all(Array.from({ length: 251 }, async (_, n) => open(`2001:db8::${n.toString(16)}`)));
  const refused = opened.filter(({ status }) => status !== 200);
  expect(refused.map(({ status, headers }) => [status, headers.get('retry-after')])).toEqual([[503, '10']]);
  expect(await refused[0]?.text()).toContain('A client has at most 250 live pages open.');
  expect((await open('2001:db8:0:1::1')).status).toBe(200);
});

test('a body with more that is wrong than anybody reads is told the first of it', async () => {
  const unknown = Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`field${n}`, n]));
  const response = await webWorld().send('POST', '/api/jobs', {
    kind: 'NameWorkflow',
    args: { name: 'foo' },
    ...unknown,
  });
  expect(response.status).toBe(422);
  const problem = (await response.json()) as { errors: object[]; detail: string };
  expect(problem.errors).toHaveLength(20);
  expect(problem.detail).toMatch(/field19 is not known here; and 49980 more\.$/);
});
