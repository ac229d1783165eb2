/** What can happen to a job. The workflow applies these as it goes; the web reads the same ones out of the history. */
import type { SimpleAction } from './actions.ts';
import type { AttemptReport, AttemptSuccess, GivenBack, JobErrorView, LossEvidence } from './job.ts';

/** Parts of a job that a person may change. Absent means unchanged. */
export interface JobChanges {
  readonly args?: unknown;
  readonly queue?: string;
  readonly maxAttempts?: number;
  /** @format milliseconds */
  readonly retryDelaysMs?: readonly number[];
  /** @format milliseconds */
  readonly timeoutMs?: number;
}

/** What a person asks of a job. `by`: who asked, where that is known. Temporal has its own way to ask for `cancel`, which means the same. */
export type Action = { readonly by?: string } & (
  | {
      readonly type: 'reschedule';
      /** @format milliseconds since 1970 */
      readonly dueAt: number;
    }
  | { readonly type: 'edit'; readonly changes: JobChanges }
  | { readonly type: SimpleAction }
);

/** How an attempt ended. Without a report, no worker got to say anything, perhaps because none ever took it. */
export type AttemptEnd =
  | { readonly as: 'done'; readonly report: AttemptSuccess }
  | {
      readonly as: 'failed';
      readonly error: JobErrorView;
      /** Whether a further attempt may help. */
      readonly retryable: boolean;
      /** Named by the work, instead of the next retry delay. @format milliseconds */
      readonly delayMs?: number;
      readonly report?: AttemptReport;
    }
  | {
      readonly as: 'crashed';
      readonly error: JobErrorView;
      readonly evidence: LossEvidence;
      /** It may well have been this one, so its next attempt runs alone. */
      readonly isSuspect?: boolean;
      readonly report?: AttemptReport;
    }
  /** Its worker had no room for it, or cannot run it, so it never began. */
  | {
      readonly as: 'returned';
      /** Until it may go out again. @format milliseconds */ readonly delayMs: number;
      /** Why the worker cannot run it, whatever room it has. */
      readonly notHere?: NotHere;
      readonly report?: undefined;
    }
  | {
      readonly as: 'discarded' | 'interrupted' | 'cancelled';
      readonly error: JobErrorView;
      readonly report?: AttemptReport;
    };

export type NotHere = Pick<GivenBack, 'why' | 'worker'>;

/** `at`: the clock of the workflow task in which the job learnt of it. @format milliseconds since 1970 */
export type JobEvent = { readonly at: number } & (
  | { readonly type: 'attemptQueued' }
  | { readonly type: 'attemptEnded'; readonly end: AttemptEnd }
  /** The worker that took the attempt, among others of a group, gave it back before it began. */
  | {
      readonly type: 'attemptReturned';
      /** Its worker died, and nobody knows whether this attempt had begun. */
      readonly death?: Extract<AttemptEnd, { as: 'crashed' }>;
      /** It cannot run it, whatever room it has. */
      readonly notHere?: NotHere;
    }
  /** While an attempt is under way only `pause` and `resume` change anything; the others wait until it is over. */
  | { readonly type: 'actionTaken'; readonly action: Action }
  /** For the sake of an action, the queued attempt was asked back out of its queue. */
  | { readonly type: 'attemptWithdrawn' }
  | { readonly type: 'cancelRequested'; readonly by?: string }
  /** A dead job that nobody retried. */
  | { readonly type: 'expired' }
  /** Closed by other means than the job loop's, such as `temporal workflow terminate`. */
  | { readonly type: 'closed'; readonly as: 'cancelled' | 'dead'; readonly error: JobErrorView }
);

/** `Omit` that keeps a union a union. */
type WithoutTime<E> = E extends unknown ? Omit<E, 'at'> : never;

/** An event of which the time is told apart: by the workflow's clock, or by the history's. */
export type UntimedJobEvent = WithoutTime<JobEvent>;
