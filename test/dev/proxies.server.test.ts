/** The programs as a company's network has them, with a proxy in every environment. */
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { expect, inject, onTestFinished, test } from 'vitest';
import { connectHoldfast } from '../../src/temporal/connect-holdfast.ts';
import { apiClient } from '../support/api-client.ts';
import { freePort } from '../support/free-port.ts';
import { stackEnvironment, startProgram } from '../support/stack.ts';
import { until } from '../support/until.ts';

/** A name that only the proxy knows, as with a Temporal outside of the company. */
const REMOTE = 'temporal.invalid:7233';

interface ConnectProxy {
  readonly port: number;
  /** What was asked for, and with which login. */
  readonly asked: { readonly target: string | undefined; readonly login: string | undefined }[];
}

/** An HTTP proxy that leads every tunnel to the tests' Temporal. */
async function startConnectProxy(): Promise<ConnectProxy> {
  const asked: ConnectProxy['asked'] = [];
  const [host = '', port = ''] = inject('temporalAddress').split(':');
  const server = createServer();
  server.on('connect', ({ url, headers }, socket) => {
    asked.push({ target: url, login: headers['proxy-authorization'] });
    const temporal = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      temporal.pipe(socket).pipe(temporal);
    });
    for (const [one, other] of [[temporal, socket] as const, [socket, temporal] as const])
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
  });
  server.listen(await freePort(), '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  return { port: address.port, asked };
}

/** Starts web and a worker, and a job that has to end. @returns what both have printed */
async function runsJobs(queue: string, env: Record<string, string>): Promise<string> {
  const world = await stackEnvironment(inject('temporalCli'));
  onTestFinished(async () => rm(world.home, { recursive: true, force: true }));
  const environment = { ...world.env, ...env };
  await using web = startProgram('web', [], environment);
  await using worker = startProgram('hard_worker', ['--queue', queue, '--processes', '1'], environment);
  const api = apiClient(world.url);
  await until(
    'web answers',
    async () =>
      fetch(`${world.url}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      ),
    20_000,
  );
  const { id } = await api.start('NameWorkflow', { name: 'proxied' }, { queue, delayMs: 0 });
  await api.reaches(id, 'done');
  return web.output() + worker.output();
}

test('Temporal on this machine needs no proxy', async () => {
  const proxy = `http://127.0.0.1:${await freePort()}`;
  const variables = { grpc_proxy: proxy, https_proxy: proxy, http_proxy: proxy, HTTPS_PROXY: proxy, HTTP_PROXY: proxy };
  const env = { ...variables, TEMPORAL_ADDRESS: inject('temporalAddress'), NODE_USE_ENV_PROXY: '1' };
  expect(await runsJobs('unproxied', env)).not.toMatch(/proxy/i);
}, 60_000);

test('Temporal elsewhere is reached through the proxy by web, worker and client, and each says so', async () => {
  const proxy = await startConnectProxy();
  const https_proxy = `http://user:secret@127.0.0.1:${proxy.port}`;
  const printed = await runsJobs('proxied', { TEMPORAL_ADDRESS: REMOTE, https_proxy });
  const sentence = `Temporal is at ${REMOTE} through the proxy 127.0.0.1:${proxy.port} (https_proxy)`;
  expect(printed.split(sentence)).toHaveLength(3);
  expect(printed).not.toContain('secret');
  const login = `Basic ${Buffer.from('user:secret').toString('base64')}`;
  expect(new Set(proxy.asked.map((each) => each.login))).toEqual(new Set([login]));
  expect(new Set(proxy.asked.map(({ target }) => target?.replace(/^dns:/, '')))).toEqual(new Set([REMOTE]));
  expect(proxy.asked.length).toBeGreaterThanOrEqual(2);
}, 60_000);

test('a proxy that is no HTTP proxy is one sentence', async () => {
  const env = { TEMPORAL_ADDRESS: REMOTE, https_proxy: 'socks5://user:secret@127.0.0.1:1080' };
  await expect(connectHoldfast({ environment: env })).rejects.toThrow(
    'https_proxy is an address of the form socks5://, and Temporal at temporal.invalid:7233 can only be reached',
  );
});
