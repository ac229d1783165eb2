/** The real `Jobs`, with workers in this process, behaves as the web relies on. */
import { randomUUID } from 'node:crypto';
import { NativeConnection } from '@temporalio/worker';
import { pino } from 'pino';
import { inject } from 'vitest';
import { Slots } from '../../src/activities/slots.ts';
import { loadConfig } from '../../src/config/config.ts';
import { catalogueOf } from '../../src/kinds/catalogue.ts';
import { connectClient } from '../../src/temporal/connect.ts';
import { createJobs } from '../../src/temporal/create-jobs.ts';
import { createWorkers, installRuntime } from '../../src/worker/create-workers.ts';
import { inProcessRunners } from '../support/in-process-runners.ts';
import { conforming, QUEUE } from '../support/conforming-jobs.ts';
import { describeJobs } from '../support/jobs-conformance.ts';
import { until } from '../support/until.ts';
import { whileRunning } from '../support/while-running.ts';

describeJobs('on a Temporal server', async () => {
  const log = pino({ level: 'silent' });
  installRuntime(log);
  const address = inject('temporalAddress');
  const taskQueue = `conformance-${randomUUID()}`;
  const client = connectClient(loadConfig({ TEMPORAL_ADDRESS: address }).temporal);
  const connection = await NativeConnection.connect({ address });
  const work = { catalogue: catalogueOf([conforming]), world: undefined };
  const jobs = createJobs(client, taskQueue);
  const workersAre = async (presence: string): Promise<void> =>
    until(`workers: ${presence}`, async () => (await jobs.health()).workers === presence, 10_000);
  return {
    jobs,
    async whileServed(body) {
      // Those of the test before are listed for a moment after their end.
      await workersAre('none');
      const workers = await createWorkers({
        connection,
        namespace: 'default',
        taskQueue,
        slots: new Map([[QUEUE, new Slots(20)]]),
        bundlePath: inject('workflowBundlePath'),
        shutdownGraceMs: 0,
        activities: { runners: inProcessRunners(work, 'worker-of-the-test', log), worker: 'worker-of-the-test' },
      });
      return whileRunning(workers, async () => {
        await workersAre('present');
        return body();
      });
    },
    async [Symbol.asyncDispose]() {
      await connection.close();
      await client.connection.close();
    },
  };
});
