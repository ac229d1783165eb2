/** A job of a group as its workflow holds it: the same record and the same actions as a job of its own. */
import { condition } from '@temporalio/workflow';
import type { Action, UntimedJobEvent } from '../../../job/job-events.ts';
import { type JobRecord } from '../../../job/job-record.ts';
import { Job } from '../job.ts';
import { type AttemptInHand } from '../attempt-in-hand.ts';

/** The group, as far as an item needs it. */
export interface ItemOrigin {
  /** The job as it came. */
  recordOf(item: number): JobRecord;
  /** Something has changed that the group's loop has to look at. */
  touch(): void;
}

/** Its place in a chunk, as far as an item needs it. */
interface PlaceInChunk {
  /** Asks the worker for what it has not begun; a chunk that no worker has yet comes back whole. */
  callBack(): void;
  /** Whether the worker, once called back, keeps this job because it runs. */
  hasBegun(item: number): boolean;
}

export class Item extends Job implements AttemptInHand {
  readonly number: number;
  readonly #origin: ItemOrigin;
  /** Until there is a record. */
  readonly #firstDueAt: number;
  /** Made when something happens to the job: a hundred thousand that sleep take a quarter of the memory without. */
  #made: JobRecord | undefined;
  #chunk: PlaceInChunk | undefined;
  #isEdited = false;
  #hasToLeave = false;
  #hasLeft = false;
  /** Since it went on as a job of its own; resolves once that is there. */
  leaving: Promise<void> | undefined;

  constructor(origin: ItemOrigin, number: number, firstDueAt: number) {
    super();
    this.#origin = origin;
    this.number = number;
    this.#firstDueAt = firstDueAt;
  }

  get record(): JobRecord {
    return (this.#made ??= this.#origin.recordOf(this.number));
  }

  /** Makes its record now, of a job that is more than one that waits for its time. */
  wake(record = this.record): void {
    this.#made = record;
  }

  get dueAt(): number {
    return this.#made?.dueAt ?? this.#firstDueAt;
  }

  /** Whether the group still has it to do. */
  get isOpen(): boolean {
    return this.#made?.phase !== 'ended' && !this.leaving;
  }

  /** Whether it only waits for its time. */
  get isWaiting(): boolean {
    return !this.#made || (this.isOpen && this.#made.phase === 'waiting' && !this.#made.paused && !this.shouldLeave);
  }

  get chunk(): PlaceInChunk | undefined {
    return this.#chunk;
  }

  protected hold(record: JobRecord): void {
    this.#made = record;
  }

  protected acted(action: Action, hadEffect: boolean): void {
    if (!hadEffect) return;
    this.#isEdited ||= action.type === 'edit';
    this.#origin.touch();
  }

  handOut(chunk: PlaceInChunk): void {
    this.#chunk = chunk;
    this.handOver(this);
  }

  override back(event: UntimedJobEvent): void {
    this.#chunk = undefined;
    super.back(event);
  }

  /** Though it is in no trouble: the group's history has no room for it. */
  part(): void {
    this.#hasToLeave = true;
    this.wake();
  }

  leave(started: Promise<void>): void {
    const leave = async (): Promise<void> => {
      await started;
      this.#hasLeft = true;
      this.#origin.touch();
    };
    this.leaving = leave();
  }

  /** Whether it is on its way out of the group, and not there yet. */
  get isLeaving(): boolean {
    return this.leaving !== undefined && !this.#hasLeft;
  }

  /** A worker answers for its whole chunk, within a second. */
  async withdraw(): Promise<boolean> {
    const chunk = this.#chunk;
    if (!chunk) return true;
    chunk.callBack();
    await condition(() => this.#chunk !== chunk || chunk.hasBegun(this.number));
    return this.#chunk !== chunk;
  }

  stop(): void {
    this.#chunk?.callBack();
  }

  /** Trouble travels alone: what failed, is dead or was edited goes on as a job of its own. */
  get shouldLeave(): boolean {
    if (!this.#made || !this.isOpen || this.#chunk) return false;
    const { phase, attempts, checkpoint } = this.#made;
    // With a checkpoint it is longer work than a group has room for.
    if (checkpoint !== undefined) return true;
    return (
      this.#hasToLeave ||
      this.#isEdited ||
      phase === 'dead' ||
      ['failed', 'cancelled'].includes(attempts.at(-1)?.outcome ?? '')
    );
  }
}
