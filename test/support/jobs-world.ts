/** A Temporal server of the test's own, the client side that the web uses, and real workers that the test starts and stops. */
import type { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { pino } from 'pino';
import type { ActivityInHand } from '../../src/activities/dependencies.ts';
import { Slots } from '../../src/activities/slots.ts';
import { loadConfig } from '../../src/config/config.ts';
import { DEFAULT_TASK_QUEUE } from '../../src/contract/queues.ts';
import { demoWorld } from '../../src/demo/world.ts';
import type { TemporalCli } from '../../src/dev/temporal-cli.ts';
import { connectClient } from '../../src/temporal/connect.ts';
import { createJobs } from '../../src/temporal/create-jobs.ts';
import type { Jobs, WorkerPresence } from '../../src/temporal/jobs.ts';
import { watchWorkers } from '../../src/temporal/worker-presence.ts';
import { createWorkers, installRuntime } from '../../src/worker/create-workers.ts';
import { startTestDevServer } from './dev-server.ts';
import { inProcessRunners } from './in-process-runners.ts';
import { CATALOGUE } from './kinds.ts';
import { until } from './until.ts';
import { whileRunning } from './while-running.ts';

export interface JobsWorld extends AsyncDisposable {
  readonly address: string;
  readonly client: Client;
  readonly jobs: Jobs;
  /** Activities that workers have in hand. */
  readonly inHand: ReadonlySet<ActivityInHand>;
  /** Runs workers for the default queue while `body` runs; it begins when they are listed, and no others are. */
  withWorkers<T>(body: () => Promise<T>): Promise<T>;
}

const log = pino({ level: 'silent' });

export async function jobsWorld(cli: TemporalCli, bundlePath: string): Promise<JobsWorld> {
  installRuntime(log);
  const server = await startTestDevServer(cli);
  const { address } = server.server;
  const client = connectClient(loadConfig({ TEMPORAL_ADDRESS: address }).temporal);
  const connection = await NativeConnection.connect({ address });
  const inHand = new Set<ActivityInHand>();
  return {
    address,
    client,
    jobs: createJobs(client),
    inHand,
    async withWorkers(body) {
      await presenceIs(client, 'none');
      const workers = await createWorkers({
        connection,
        namespace: 'default',
        taskQueue: DEFAULT_TASK_QUEUE,
        slots: new Map([['default', new Slots(10)]]),
        bundlePath,
        shutdownGraceMs: 0,
        activities: {
          runners: inProcessRunners({ catalogue: CATALOGUE, world: demoWorld(server.home) }, 'worker-of-the-test', log),
          worker: 'worker-of-the-test',
          note(activity) {
            inHand.add(activity);
            return { [Symbol.dispose]: () => inHand.delete(activity) };
          },
        },
      });
      return whileRunning(workers, async () => {
        await presenceIs(client, 'present');
        return body();
      });
    },
    async [Symbol.asyncDispose]() {
      await connection.close();
      await client.connection.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Those of the test before are listed for a moment after their end, and would be taken for those that are to come. */
async function presenceIs(client: Client, presence: WorkerPresence): Promise<void> {
  const watch = watchWorkers(client);
  await until(`workers: ${presence}`, async () => (await watch.presence('default')) === presence, 10_000);
}
