/** Moves that came while an attempt was under way, kept until that is over. */
import type { Move } from '../../contract/job-events.ts';
import { waitsForAttempt } from '../../contract/job-states.ts';
import { taskNumber } from './workflow-task.ts';

/** An attempt that holds moves up. */
export interface HeldUpBy {
  /** Forgets the move: it was refused. */
  drop(waiting: WaitingMove): void;
  /** Takes the attempt out of its queue. @returns whether it is on its way back, or over; if not, a worker has it */
  withdraw(): Promise<boolean>;
}

export interface WaitingMove {
  readonly attempt: HeldUpBy;
  readonly move: Move;
  /** Whether the job allowed it, once the attempt was over. */
  readonly made: Promise<boolean>;
}

interface Kept {
  readonly waiting: WaitingMove;
  readonly seenInTask: number;
  readonly settle: (made: boolean) => void;
}

export class KeptMoves {
  #kept: Kept[] = [];

  keep(attempt: HeldUpBy, move: Move): WaitingMove {
    const { promise: made, resolve: settle } = Promise.withResolvers<boolean>();
    const waiting = { attempt, move, made };
    this.#kept.push({ waiting, seenInTask: taskNumber(), settle });
    return waiting;
  }

  drop(waiting: WaitingMove): void {
    this.#kept = this.#kept.filter((kept) => kept.waiting !== waiting);
  }

  /**
   * Call it in the same breath as the attempt's end, before the job goes on.
   * @param hasNotBegun whether the attempt came back from waiting for its time, so that no move is too late for it
   */
  over(make: (move: Move) => boolean, hasNotBegun = false): void {
    const kept = this.#kept;
    this.#kept = [];
    for (const { waiting, seenInTask, settle } of kept) {
      // Signals come before all else of their task, even if the attempt had ended when they were sent.
      const isInTime = hasNotBegun || waitsForAttempt(waiting.move.type) || seenInTask === taskNumber();
      settle(isInTime && make(waiting.move));
    }
  }
}
