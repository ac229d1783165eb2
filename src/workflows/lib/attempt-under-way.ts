/** The attempt of a job with a workflow of its own, and the way to take it out of its queue again. */
import { CancellationScope, log, proxyLocalActivities } from '@temporalio/workflow';
import type { WorkflowSideActivities } from '../../contract/workflow-side.ts';
import type { AttemptInHand } from './attempt-in-hand.ts';

const { isAttemptRunning } = proxyLocalActivities<WorkflowSideActivities>({
  startToCloseTimeout: '5s',
  scheduleToCloseTimeout: '30s',
});

export class AttemptUnderWay implements AttemptInHand {
  readonly #scope = new CancellationScope();
  readonly #onWithdrawal: () => void;
  #isTaken: Promise<boolean> | undefined;
  #isWithdrawn = false;
  #isOver = false;

  constructor(onWithdrawal: () => void) {
    this.#onWithdrawal = onWithdrawal;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    return this.#scope.run(work);
  }

  stop(): void {
    this.#scope.cancel();
  }

  /** Call it in the same breath as the attempt's end. */
  over(): void {
    this.#isOver = true;
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
