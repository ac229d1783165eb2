/** How one job may differ from what its definition says. */

export interface EnqueueOptions {
  /** When the job may start, by Temporal's clock. @default at once */
  readonly dueAt?: Date;
  /** Instead of `dueAt`: from now on, whatever clock this machine has. @format milliseconds */
  readonly delayMs?: number;
  /** @default the kind's */
  readonly queue?: string;
  /** 1 goes first, 5 last. @default 3 */
  readonly priority?: number;
  /** @default the kind's */
  readonly maxAttempts?: number;
  /** Delays between attempts; the last one repeats. @default the kind's. @format milliseconds */
  readonly retryDelaysMs?: readonly number[];
  /** Longest that one attempt may take. @default the kind's. @format milliseconds */
  readonly timeoutMs?: number;
  /** Becomes the job's id: a second job with the same key is the first one. Such a job travels alone. */
  readonly idempotencyKey?: string;
  /** Makes a repeat of this very call harmless, within ten minutes. */
  readonly requestKey?: string;
  /** When the call was first made, if this one repeats it. */
  readonly firstSentAt?: Date;
}
