import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { loadConfig, type Environment } from '../../src/config/config.ts';
import { startWebServer } from '../../src/web/server.ts';
import { FakeJobs } from '../support/fake-jobs.ts';
import { freePort } from '../support/free-port.ts';
import { CATALOGUE } from '../support/kinds.ts';

const PASSWORD = 'correct horse battery';

interface Asking {
  readonly user?: string;
  readonly password?: string;
  /** @default true */
  readonly withLogin?: boolean;
  /** What a proxy says. */
  readonly from?: string;
}

async function setup(env: Environment = {}) {
  const log: string[] = [];
  const config = loadConfig({ PORT: String(await freePort()), HOLDFAST_PASSWORD: PASSWORD, ...env });
  const logger = pino({}, { write: (line) => void log.push(line) });
  const server = await startWebServer({ config, catalogue: CATALOGUE, jobs: new FakeJobs(), log: logger });
  onTestFinished(() => server.stop());
  return {
    log,
    requests: () =>
      log.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ event }) => event === 'http.request'),
    ask: async ({ user = 'holdfast', password = PASSWORD, withLogin = true, from }: Asking = {}): Promise<Response> =>
      fetch(`${server.url}/api/jobs/nobody`, {
        headers: {
          ...(withLogin && { Authorization: `Basic ${btoa(`${user}:${password}`)}` }),
          ...(from !== undefined && { 'X-Forwarded-For': from }),
        },
      }),
  };
}

test('who guesses is told to wait, however many guesses come at once, and with the right password too', async () => {
  const { ask } = await setup();
  const guesses = await Promise.all(Array.from({ length: 50 }, async (_, n) => ask({ password: `guess ${n}` })));
  const statuses = guesses.map(({ status }) => status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(5);
  expect(statuses.filter((status) => status === 429)).toHaveLength(45);
  const response = await ask();
  expect(response.status).toBe(429);
  expect(response.headers.get('retry-after')).toBe('1');
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(await response.json()).toMatchObject({
    type: '/api/docs#too-many-logins',
    detail: 'Too many wrong logins: the next may be tried in 1 s.',
  });
});

test('a request without a login is no guess', async () => {
  const { ask } = await setup();
  for (let time = 0; time < 20; time += 1) expect((await ask({ withLogin: false })).status).toBe(401);
  expect((await ask()).status).toBe(404);
});

test('behind a trusted proxy each client waits for itself alone', async () => {
  const { ask, requests } = await setup({ HOLDFAST_TRUSTED_PROXIES: '127.0.0.1' });
  for (let time = 0; time < 6; time += 1) await ask({ password: 'guess', from: '198.51.100.1' });
  expect((await ask({ from: '198.51.100.1' })).status).toBe(429);
  expect((await ask({ from: '198.51.100.2' })).status).toBe(404);
  expect(requests().map(({ address, user, status }) => [address, user, status])).toEqual([
    ...Array.from({ length: 5 }, () => ['198.51.100.1', null, 401]),
    ['198.51.100.1', null, 429],
    ['198.51.100.1', null, 429],
    ['198.51.100.2', 'holdfast', 404],
  ]);
});

test('a proxy that nobody trusts is the client, whomever it names', async () => {
  const { ask, requests } = await setup();
  for (let time = 0; time < 6; time += 1) await ask({ password: 'guess', from: `198.51.100.${time}` });
  expect((await ask({ from: '198.51.100.99' })).status).toBe(429);
  expect(new Set(requests().map(({ address }) => address))).toEqual(new Set(['127.0.0.1']));
});

test('what was given for a user and a password stands in no log', async () => {
  const { ask, log } = await setup();
  await ask({ user: 'my secret word', password: 'another' });
  await ask();
  expect(log.join('')).not.toMatch(/my secret word|another|correct horse/);
});
