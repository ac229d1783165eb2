/**
 * Which queues are paused or have a rate limit: Temporal holds that for activities, so a chunk of many jobs has to ask for itself.
 * Looked at every second; a limit that was set less than that ago does not hold back a chunk that is on its way.
 */
import { Client } from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time.js';
import type { NativeConnection } from '@temporalio/worker';
import type { ServerClock } from '../activities/server-clock.ts';

const LOOK_EVERY_MS = 1_000;
const ANSWER_WITHIN_MS = 5_000;
/** Temporal's `TaskQueueType`. */
const ACTIVITY = 2;

export interface QueuePace extends Disposable {
  isPaced(queue: string): boolean;
}

export interface PaceOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly queues: readonly string[];
  /** Hears what the server says of its time. */
  readonly serverClock: ServerClock;
}

export function watchPace({ connection, namespace, queues, serverClock }: PaceOptions): QueuePace {
  const { workflowService } = new Client({ connection, namespace });
  const paced = new Set<string>();
  const look = async (queue: string): Promise<void> => {
    const request = { namespace, taskQueue: { name: queue }, taskQueueType: ACTIVITY, reportConfig: true } as const;
    const asked = connection.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
      workflowService.describeTaskQueue(request),
    );
    // While Temporal is away nothing new comes in anyway, and an older server has no limits.
    const answer = await asked.catch(() => undefined);
    if (!answer) return;
    // When workers polled last is in the server's past.
    for (const { lastAccessTime } of answer.pollers ?? []) if (lastAccessTime) serverClock.hear(tsToMs(lastAccessTime));
    if (answer.config?.queueRateLimit?.rateLimit) paced.add(queue);
    else paced.delete(queue);
  };
  const lookAtAll = (): void => queues.forEach((queue) => void look(queue));
  lookAtAll();
  const looking = setInterval(lookAtAll, LOOK_EVERY_MS);
  return {
    isPaced: (queue) => paced.has(queue),
    [Symbol.dispose]: () => clearInterval(looking),
  };
}
