/** The messages that a run has taken, with their answers. All of them stand in its history, which Temporal ends when it is too long. */
import { ApplicationFailure } from '@temporalio/workflow';
import { BUDGETS } from '../../contract/budgets.ts';
import { jsonBytes } from '../../contract/clip.ts';
import { FAILURE } from '../../contract/failures.ts';

export class MessagesOfRun {
  #count = 0;
  #bytes = 0;

  /** Whether the next run should begin as soon as nothing is under way: the largest message would no longer fit into this one. */
  get areSpent(): boolean {
    return !this.#hasRoomFor(BUDGETS.edit + BUDGETS.actionAnswer);
  }

  /**
   * For updates, whose senders hear the answer. A signal was acknowledged by Temporal and is always taken.
   * @throws {ApplicationFailure} `JobBusy`
   */
  check(jobId: string, input: unknown): void {
    if (this.#hasRoomFor(jsonBytes(input))) return;
    const message =
      `${jobId} has taken ${this.#count} actions while an attempt was under way, and takes no more until that is over: ` +
      'try again then';
    throw ApplicationFailure.create({ type: FAILURE.busy, message, nonRetryable: true });
  }

  take(input: unknown): void {
    this.#count += 1;
    this.#bytes += BUDGETS.frame + jsonBytes(input);
  }

  /** @returns the answer, which the history keeps too */
  answer<T>(view: T): T {
    this.#bytes += jsonBytes(view);
    return view;
  }

  #hasRoomFor(bytes: number): boolean {
    return this.#count < BUDGETS.messagesOfRunCount && this.#bytes + BUDGETS.frame + bytes <= BUDGETS.messagesOfRun;
  }
}
