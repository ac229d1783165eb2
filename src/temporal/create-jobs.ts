/** The one factory of the client side. */
import type { Client } from '@temporalio/client';
import { DEFAULT_TASK_QUEUE } from '../contract/queues.ts';
import { readJob } from './history/find-job.ts';
import type { Jobs } from './jobs.ts';
import { SignalledActions } from './actions/signalled-actions.ts';
import { latestJobs } from './lists/list-jobs.ts';
import { actOnGroup } from './actions/act-on-group.ts';
import { actOnJob } from './actions/act-on-job.ts';
import { readGroup } from './history/read-group.ts';
import { readHealth } from './health.ts';
import { startJobs } from './start/start-jobs.ts';
import { StartOutcomes } from './start/start-outcomes.ts';
import { watchJob } from './history/watch-job.ts';
import { watchWorkers } from './worker-presence.ts';

/** @param taskQueue of workflows */
export function createJobs(client: Client, taskQueue = DEFAULT_TASK_QUEUE): Jobs {
  const deps = {
    client,
    taskQueue,
    workers: watchWorkers(client),
    signalled: new SignalledActions(client),
    starts: new StartOutcomes(),
  };
  return {
    ...startJobs(deps),
    read: (id) => readJob(deps, id),
    watch: (id, signal) => watchJob(deps, id, signal),
    act: (id, action) => actOnJob(deps, id, action),
    readGroup: (id) => readGroup(deps, id),
    actOnGroup: (id, action) => actOnGroup(deps, id, action),
    latest: (limit) => latestJobs(deps, limit),
    health: async () => readHealth(deps),
  };
}
