/** One workflow task: the commands of all that a workflow does at once, which Temporal takes or refuses together. */
import { workflowInfo } from '@temporalio/workflow';

/** Tells one workflow task from the next: grows with each. */
export function taskNumber(): number {
  return workflowInfo().historyLength;
}

/** Room for large commands. What finds none waits for the next task, which comes at the latest with what came of the first ones. */
export class TaskRoom {
  readonly #most: number;
  #task = 0;
  #taken = 0;

  /** @param most of one workflow task. @format bytes */
  constructor(most: number) {
    this.#most = most;
  }

  isThereFor(bytes: number): boolean {
    return this.#takenNow + bytes <= this.#most;
  }

  take(bytes: number): void {
    this.#taken = this.#takenNow + bytes;
    this.#task = taskNumber();
  }

  get #takenNow(): number {
    return this.#task === taskNumber() ? this.#taken : 0;
  }
}
