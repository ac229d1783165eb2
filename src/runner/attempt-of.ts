/** What the work of a job is handed, the same wherever it runs: in a runner, or in the process of a test. */
import type { Logger } from 'pino';
import { handedOverBudgets } from '../contract/budgets.ts';
import type { AttemptInput } from '../job/job.ts';
import type { Attempt } from '../kinds/job-definition.ts';
import { plainProgress, type PlainProgress } from './plain-values.ts';

/** What the process does for the work in it. */
export interface AttemptHost {
  readonly log: Logger;
  /** Called when the work looks at its signal, which little work does. */
  readonly signal: () => AbortSignal;
  readonly progressed: (progress: PlainProgress) => void;
  readonly enqueue: Attempt['enqueue'];
}

export function attemptOf(input: AttemptInput, { log, signal, progressed, enqueue }: AttemptHost): Attempt {
  const { jobId, kind, queue, number, dueAt, checkpoint, travels } = input;
  return {
    jobId,
    kind,
    queue,
    number,
    dueAt,
    checkpoint,
    log: log.child({ jobId, kind, attempt: number }),
    get signal() {
      return signal();
    },
    progress: (done, total, saved) =>
      progressed(plainProgress(done, total, saved, handedOverBudgets(travels).checkpoint)),
    enqueue,
  };
}
