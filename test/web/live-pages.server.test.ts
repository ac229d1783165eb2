/** Live pages on a real Temporal. */
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { expect, inject, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { connectClient } from '../../src/temporal/connect.ts';
import { createJobs } from '../../src/temporal/create-jobs.ts';
import { startWebServer } from '../../src/web/server.ts';
import { freePort } from '../support/free-port.ts';
import { asked, CATALOGUE } from '../support/kinds.ts';
import { readEvents } from '../support/read-events.ts';

test('1,000 live pages of 500 jobs can be opened at one moment', async () => {
  const config = loadConfig({
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    PORT: String(await freePort()),
    HOLDFAST_TRUSTED_PROXIES: '127.0.0.1',
  });
  const client = connectClient(config.temporal);
  const jobs = createJobs(client);
  const server = await startWebServer({ config, catalogue: CATALOGUE, jobs, log: pino({ level: 'silent' }) });
  onTestFinished(async () => {
    await server.stop();
    await client.connection.close();
  });
  const run = randomUUID();
  const started = await jobs.startAll(
    Array.from({ length: 500 }, (_, n) => ({
      request: asked({ delayMs: 3_600_000 }),
      keys: { idempotencyKey: `live-${run}-${n}` },
    })),
  );
  const ids = started.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.job.id : ''));
  const opened = await Promise.all(
    [...ids, ...ids].map(async (id, n) => {
      const headers = { 'X-Forwarded-For': `198.51.100.${n % 5}` };
      const response = await fetch(`${server.url}/jobs/${id}/events`, { headers });
      if (response.ok) expect((await readEvents(response).until('job')).data).toContain(id);
      return response.status;
    }),
  );
  expect(Object.groupBy(opened, String)).toEqual({ 200: Array.from({ length: 1_000 }, () => 200) });
}, 60_000);
