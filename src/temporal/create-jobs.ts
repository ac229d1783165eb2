/** The one factory of the client side. */
import type { Client } from '@temporalio/client';
import { readJob } from './find-job.ts';
import type { Jobs } from './jobs.ts';
import { DeferredMoves } from './deferred-moves.ts';
import { latestJobs } from './list-jobs.ts';
import { moveGroup } from './move-group.ts';
import { moveJob } from './move-job.ts';
import { readGroup } from './read-group.ts';
import { readHealth } from './read-health.ts';
import { startJobs } from './start-jobs.ts';
import { StartOutcomes } from './start-outcomes.ts';
import { watchJob } from './watch-job.ts';
import { watchWorkers } from './worker-presence.ts';

export function createJobs(client: Client): Jobs {
  const deps = {
    client,
    workers: watchWorkers(client),
    deferred: new DeferredMoves(client),
    starts: new StartOutcomes(),
  };
  return {
    ...startJobs(deps),
    read: (id) => readJob(deps, id),
    watch: (id, signal) => watchJob(deps, id, signal),
    move: (id, move) => moveJob(deps, id, move),
    readGroup: (id) => readGroup(deps, id),
    moveGroup: (id, move) => moveGroup(deps, id, move),
    latest: (limit) => latestJobs(client, limit),
    health: async () => readHealth(deps),
  };
}
