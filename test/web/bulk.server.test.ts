/** Bulk requests over HTTP, on a real Temporal. */
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { expect, inject, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { connectClient } from '../../src/temporal/connect.ts';
import { createJobs } from '../../src/temporal/create-jobs.ts';
import { startWebServer } from '../../src/web/server.ts';
import { freePort } from '../support/free-port.ts';
import { CATALOGUE } from '../support/kinds.ts';

test('500 keyed lines in each of two requests at once are all accepted', async () => {
  const config = loadConfig({ TEMPORAL_ADDRESS: inject('temporalAddress'), PORT: String(await freePort()) });
  const client = connectClient(config.temporal);
  const server = await startWebServer({
    config,
    catalogue: CATALOGUE,
    jobs: createJobs(client),
    log: pino({ level: 'silent' }),
  });
  onTestFinished(async () => {
    await server.stop();
    await client.connection.close();
  });
  const answers = await Promise.all(
    [randomUUID(), randomUUID()].map(async (request) => {
      const line = (n: number): string =>
        JSON.stringify({
          kind: 'NameWorkflow',
          args: { name: 'foo' },
          delayMs: 3_600_000,
          idempotencyKey: `${request}-${n}`,
        });
      const response = await fetch(`${server.url}/api/jobs/bulk`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/x-ndjson' },
        body: Array.from({ length: 500 }, (_, n) => `${line(n)}\n`).join(''),
      });
      return (await response.text()).trimEnd().split('\n');
    }),
  );
  const statuses = answers.flat().map((line) => (JSON.parse(line) as { status: number }).status);
  expect(statuses).toEqual(Array.from({ length: 1_000 }, () => 202));
}, 60_000);
