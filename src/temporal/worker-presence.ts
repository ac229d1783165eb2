/**
 * Who serves which task queue right now. Workers heartbeat to Temporal every second, so one that was killed is missed within
 * seconds; a queue's pollers, which Temporal lists for five minutes after they died, are asked only where a server keeps no heartbeats.
 */
import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { call, isUnimplemented } from './rpc.ts';
import { timeOf } from './history/decode.ts';
import type { WorkerPresence } from './jobs.ts';

/** Silence after which a worker counts as gone; leaves room for clocks that differ a little. @format milliseconds */
const GONE_AFTER_MS = 4_000;
/** A poll takes a minute at most, so a poller that lives was seen since. @format milliseconds */
const POLLER_GONE_AFTER_MS = 70_000;
/** One answer serves everybody who asks within this time. @format milliseconds */
const CACHED_FOR_MS = 500;
/** `WORKER_STATUS_RUNNING` of Temporal's `WorkerStatus`; others are on their way out. */
const RUNNING = 1;
/** Temporal's `TaskQueueType`. */
const [WORKFLOW, ACTIVITY] = [1, 2];

export interface WorkerWatch {
  presence(taskQueue: string): Promise<WorkerPresence>;
}

export function watchWorkers(client: Client): WorkerWatch {
  let cached: { readonly at: number; readonly queues: Promise<ReadonlySet<string> | undefined> } | undefined;
  return {
    async presence(taskQueue) {
      if (!cached || Date.now() - cached.at > CACHED_FOR_MS) cached = { at: Date.now(), queues: servedQueues(client) };
      const queues = await cached.queues;
      if (queues) return queues.has(taskQueue) ? 'present' : 'none';
      return presenceByPollers(client, taskQueue);
    },
  };
}

/** @returns `undefined` where the server keeps no heartbeats */
async function servedQueues(client: Client): Promise<ReadonlySet<string> | undefined> {
  try {
    return new Set((await livingWorkers(client)).map(({ taskQueue }) => taskQueue ?? ''));
  } catch (error) {
    if (isUnimplemented(error)) return undefined;
    throw error;
  }
}

/** Whether a worker that runs on this host reports to Temporal. */
export async function servesFrom(client: Client, hostName: string): Promise<boolean> {
  return (await livingWorkers(client)).some(({ hostInfo }) => hostInfo?.hostName === hostName);
}

async function livingWorkers(client: Client): Promise<temporal.api.worker.v1.IWorkerHeartbeat[]> {
  const { workersInfo } = await call(client, () =>
    client.workflowService.listWorkers({ namespace: client.options.namespace, pageSize: 1_000 }),
  );
  return (workersInfo ?? [])
    .flatMap(({ workerHeartbeat }) => workerHeartbeat ?? [])
    .filter((beat) => Number(beat.status) === RUNNING && Date.now() - timeOf(beat.heartbeatTime) < GONE_AFTER_MS);
}

async function presenceByPollers(client: Client, taskQueue: string): Promise<WorkerPresence> {
  try {
    return await polledPresence(client, taskQueue);
  } catch (error) {
    // The test server that skips time tells of no pollers either.
    if (isUnimplemented(error)) return 'unknown';
    throw error;
  }
}

async function polledPresence(client: Client, taskQueue: string): Promise<WorkerPresence> {
  const { namespace } = client.options;
  const polled = await Promise.all(
    [WORKFLOW, ACTIVITY].map((type: temporal.api.enums.v1.TaskQueueType) =>
      call(client, () =>
        client.workflowService.describeTaskQueue({ namespace, taskQueue: { name: taskQueue }, taskQueueType: type }),
      ),
    ),
  );
  const pollers = polled.flatMap(({ pollers: list }) => list ?? []);
  const isAlive = pollers.some(({ lastAccessTime }) => Date.now() - timeOf(lastAccessTime) < POLLER_GONE_AFTER_MS);
  return isAlive ? 'present' : 'none';
}
