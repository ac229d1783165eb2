/** The attempt that a job waits for: the actions that came meanwhile, and the way to take it out of its queue again. */
import { CancellationScope, log, proxyLocalActivities } from '@temporalio/workflow';
import type { Action } from '../../job/job-events.ts';
import type { WorkflowSideActivities } from '../../contract/workflow-side.ts';
import { DeferredActions, type HeldUpBy, type WaitingAction } from './deferred-actions.ts';

const { isAttemptRunning } = proxyLocalActivities<WorkflowSideActivities>({
  startToCloseTimeout: '5s',
  scheduleToCloseTimeout: '30s',
});

export class AttemptUnderWay implements HeldUpBy {
  readonly #scope = new CancellationScope();
  readonly #onWithdrawal: () => void;
  readonly #kept = new DeferredActions();
  #isTaken: Promise<boolean> | undefined;
  #isWithdrawn = false;
  #isOver = false;

  constructor(onWithdrawal: () => void) {
    this.#onWithdrawal = onWithdrawal;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    return this.#scope.run(work);
  }

  keep(action: Action): WaitingAction {
    return this.#kept.keep(this, action);
  }

  drop(waiting: WaitingAction): void {
    this.#kept.drop(waiting);
  }

  /** Asks whoever has it to end; out of its queue it comes back at once. */
  cancel(): void {
    this.#scope.cancel();
  }

  /** Call it in the same breath as the attempt's end, before the job goes on. */
  over(make: (action: Action) => boolean): void {
    this.#isOver = true;
    this.#kept.over(make);
  }

  /**
   * Takes the attempt out of its queue unless a worker has it, which is asked of the server: a workflow is told nothing of an
   * attempt between handing it out and its end. One answer serves everybody who asks: what a worker has taken, it keeps.
   * @returns whether the attempt is on its way back, or over; if not, a worker has it
   */
  async withdraw(): Promise<boolean> {
    this.#isTaken ??= askWhetherTaken();
    const isTaken = await this.#isTaken;
    if (!isTaken && !this.#isOver && !this.#isWithdrawn) {
      this.#isWithdrawn = true;
      this.#onWithdrawal();
      this.#scope.cancel();
    }
    return !isTaken || this.#isOver;
  }
}

async function askWhetherTaken(): Promise<boolean> {
  try {
    return await CancellationScope.nonCancellable(() => isAttemptRunning());
  } catch (error) {
    // Better to refuse an action than to fail the job, or to stop work that goes well.
    log.warn('cannot tell whether a worker has the attempt, so it counts as taken', { error: String(error) });
    return true;
  }
}
