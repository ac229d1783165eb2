/** Actions that came while an attempt was under way, kept until that is over. */
import type { Action } from '../../job/job-events.ts';
import { waitsForAttempt } from '../../job/job-states.ts';
import type { AttemptInHand } from './attempt-in-hand.ts';
import { taskNumber } from './workflow-task.ts';

export interface WaitingAction {
  readonly attempt: AttemptInHand;
  readonly action: Action;
  /** Whether the job allowed it, once the attempt was over. */
  readonly made: Promise<boolean>;
}

interface Kept {
  readonly waiting: WaitingAction;
  readonly seenInTask: number;
  readonly settle: (made: boolean) => void;
}

export class DeferredActions {
  #kept: Kept[] = [];

  keep(attempt: AttemptInHand, action: Action): WaitingAction {
    const { promise: made, resolve: settle } = Promise.withResolvers<boolean>();
    const waiting = { attempt, action, made };
    this.#kept.push({ waiting, seenInTask: taskNumber(), settle });
    return waiting;
  }

  drop(waiting: WaitingAction): void {
    this.#kept = this.#kept.filter((kept) => kept.waiting !== waiting);
  }

  /**
   * Call it in the same breath as the attempt's end, before the job goes on.
   * @param hasNotBegun whether the attempt came back from waiting for its time, so that no action is too late for it
   */
  over(make: (action: Action) => boolean, hasNotBegun = false): void {
    const kept = this.#kept;
    this.#kept = [];
    for (const { waiting, seenInTask, settle } of kept) {
      // Signals come before all else of their task, even if the attempt had ended when they were sent.
      const isInTime = hasNotBegun || waitsForAttempt(waiting.action.type) || seenInTask === taskNumber();
      settle(isInTime && make(waiting.action));
    }
  }
}
