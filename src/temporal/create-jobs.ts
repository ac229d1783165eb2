/** The one factory of the client side. */
import type { Client } from '@temporalio/client';
import { WORKFLOW_TASK_QUEUE } from '../contract/queues.ts';
import type { Jobs } from './jobs.ts';
import { latestJobs } from './list-jobs.ts';
import { moveJob } from './move-job.ts';
import { readJob } from './read-job.ts';
import { startJob } from './start-job.ts';
import { watchJob } from './watch-job.ts';
import { watchWorkers } from './worker-presence.ts';

export function createJobs(client: Client): Jobs {
  const deps = { client, workers: watchWorkers(client) };
  return {
    start: (request, key) => startJob(deps, request, key),
    read: (id) => readJob(deps, id),
    watch: (id, signal) => watchJob(deps, id, signal),
    move: (id, move) => moveJob(deps, id, move),
    latest: (limit) => latestJobs(client, limit),
    health: async () => ({ workers: await deps.workers.presence(WORKFLOW_TASK_QUEUE) }),
  };
}
