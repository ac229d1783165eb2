/** What the activities of a worker need. */
import type { Info } from '@temporalio/activity';
import type { Runners } from './runners.ts';
import type { ServerClock } from './server-clock.ts';
import type { Slots } from './slots.ts';

/** An activity that the worker has, by which its successor can say that it was lost. */
export interface ActivityInHand {
  readonly taskToken: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly activityId: string;
}

export function activityInHand({ base64TaskToken, workflowExecution, activityId }: Info): ActivityInHand {
  const { workflowId = '', runId = '' } = workflowExecution ?? {};
  return { taskToken: base64TaskToken, workflowId, runId, activityId };
}

export interface ActivityDependencies {
  readonly runners: Runners;
  /** Identity of this worker, as attempts show it. */
  readonly worker: string;
  /** Notes an activity until the result is disposed of. @default nothing is noted */
  readonly note?: (activity: ActivityInHand) => Disposable;
  /** Of a queue: bounds the handlers that run at the same time. @default no bound */
  readonly slots?: (queue: string) => Slots;
  /** @default one that starts to hear with the first chunk */
  readonly serverClock?: ServerClock;
  /** Whether a queue is paused or has a rate limit just now. @default never */
  readonly isPaced?: (queue: string) => boolean;
  /** Aborted when the worker begins to stop: running attempts have their grace time, no other begins. */
  readonly stopping?: AbortSignal;
  /** Aborted when that grace time is over. Temporal tells an activity of one cancellation only, and a chunk may have been called back before. */
  readonly graceOver?: AbortSignal;
}
