/** A workflow whose tasks fail, on a real server: everybody who looks sees that it cannot go on, and why. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection } from '@temporalio/worker';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { connectClient } from '../../src/temporal/connect.ts';
import { createJobs } from '../../src/temporal/create-jobs.ts';
import type { Jobs } from '../../src/temporal/jobs.ts';
import { installRuntime } from '../../src/worker/create-workers.ts';
import { startTestDevServer, type TestDevServer } from '../support/dev-server.ts';
import { asked } from '../support/kinds.ts';
import { until } from '../support/until.ts';
import { whileWorkflowsRun } from '../support/while-workflows-run.ts';

const CHANGED = join(fileURLToPath(new URL('..', import.meta.url)), 'replay', 'changed-workflows.ts');

let server: TestDevServer;
let connection: NativeConnection;
let client: Client;
let jobs: Jobs;

beforeAll(async () => {
  installRuntime(pino({ level: 'silent' }));
  server = await startTestDevServer({ path: inject('temporalCli'), version: inject('temporalCliVersion') });
  const { address } = server.server;
  client = connectClient(loadConfig({ TEMPORAL_ADDRESS: address }).temporal);
  jobs = createJobs(client);
  connection = await NativeConnection.connect({ address });
});

afterAll(async () => {
  await connection.close();
  await client.connection.close();
  await server[Symbol.asyncDispose]();
});

test('a job that a worker of another version cannot go on with is found, says why, and goes on with its own', async () => {
  const changed = await bundleWorkflowCode({ workflowsPath: CHANGED, logger: new DefaultLogger('ERROR') });
  const request = asked({ queue: 'nobody', delayMs: 0 });
  const start = async (idempotencyKey: string) => (await jobs.start(request, { idempotencyKey })).job.id;
  const id = await start('stuck');
  const handle = client.workflow.getHandle(id);
  await whileWorkflowsRun(connection, async () =>
    until('it has begun', async () => (await handle.describe()).historyLength > 3, 20_000),
  );
  const other = await start('goes-well');

  const cannotGoOn = async (): Promise<void> => {
    await handle.signal('pause');
    await until('health counts it', async () => (await jobs.health()).stuck.count > 0, 60_000);
    await until('its page says it', async () => (await jobs.read(id)).cannotGoOn !== null, 60_000);
  };
  await whileWorkflowsRun(connection, cannotGoOn, changed);
  expect((await jobs.health()).stuck).toEqual({ count: 1, ids: [id] });
  expect((await jobs.read(id)).cannotGoOn).toMatch(/nondeterminism/i);
  expect((await jobs.read(other)).cannotGoOn).toBeNull();
  const rows = await jobs.latest(10);
  expect(Object.fromEntries(rows.map((row) => [row.id, row.cannotGoOn]))).toEqual({ [id]: true, [other]: false });

  await whileWorkflowsRun(connection, async () => {
    await until('it has gone on', async () => (await jobs.read(id)).job.state === 'paused', 60_000);
    await until('it is forgotten', async () => (await jobs.health()).stuck.count === 0, 20_000);
  });
  expect((await jobs.read(id)).cannotGoOn).toBeNull();
}, 180_000);
