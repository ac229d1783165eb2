/** What a readiness check has to know. It writes nothing. */
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { call, orNone } from './rpc.ts';
import type { Health } from './jobs.ts';
import type { ReadDependencies } from './history/read-job.ts';
import { findStuck, NONE_STUCK } from './stuck.ts';
import type { StartOutcomes } from './start/start-outcomes.ts';

interface HealthDependencies extends ReadDependencies {
  readonly starts: StartOutcomes;
}

export async function readHealth({ client, workers, taskQueue, starts }: HealthDependencies): Promise<Health> {
  const [presence, stuck] = await Promise.all([
    workers.presence(taskQueue),
    // Lists may be asked too often, which is no reason to send callers away.
    findStuck(client).catch(() => NONE_STUCK),
    reachDatabase(client),
  ]);
  return { workers: presence, takesJobs: !starts.areFailing, stuck };
}

/**
 * Asks for a workflow that is not there, of any history shard: Temporal has to look into its database (1.6 ms). Workers, task queues
 * and the server's own description it knows by heart, and tells of them while its database is away (server 1.32).
 */
async function reachDatabase(client: Client): Promise<void> {
  const jobId = `readiness-${randomUUID()}`;
  await orNone(call(client, async () => client.workflow.getHandle(jobId).describe(), { jobId }));
}
