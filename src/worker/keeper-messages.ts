/** What a keeper and its worker processes tell each other, over the channel that Node gives a parent and its child. */
import type { ReportInHand } from '../activities/attempt.ts';
import type { QueueOptions } from './create-workers.ts';

/** The only argument of a worker process, as JSON. */
export interface WorkerAssignment {
  readonly queues: readonly QueueOptions[];
  readonly bundlePath: string;
}

export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'attemptStarted' | 'attemptProgressed'; readonly token: string; readonly report: ReportInHand }
  | { readonly type: 'attemptEnded'; readonly token: string };

/** Stop polling and give running attempts their grace time. */
export interface ToWorker {
  readonly type: 'stop';
}
