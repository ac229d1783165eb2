/** A job as its workflow holds it, of its own or as an item of a group: its record, moved on by events, and the attempt in hand. */
import { log } from '@temporalio/workflow';
import { foldJob } from '../../job/fold-job.ts';
import type { Action, UntimedJobEvent } from '../../job/job-events.ts';
import { stateOf, type JobRecord } from '../../job/job-record.ts';
import { viewJob } from '../../job/job-view.ts';
import type { JobView } from '../../job/job.ts';
import type { AttemptInHand } from './attempt-in-hand.ts';
import { DeferredActions, type WaitingAction } from './deferred-actions.ts';

export abstract class Job {
  #attempt: AttemptInHand | undefined;
  /** Made when it is needed: a hundred thousand jobs that sleep take less without. */
  #deferred: DeferredActions | undefined;

  abstract get record(): JobRecord;
  protected abstract hold(record: JobRecord): void;
  /** After an action, whether it had an effect at once or not. */
  protected abstract acted(action: Action, hadEffect: boolean): void;

  get view(): JobView {
    return viewJob(this.record);
  }

  apply(event: UntimedJobEvent): void {
    this.hold(foldJob(this.record, { ...event, at: Date.now() }));
  }

  /** Makes an action; what the attempt in hand does not allow is deferred until that is over. */
  act(action: Action): WaitingAction | undefined {
    this.#make(action);
    if (!this.#attempt) return undefined;
    this.#deferred ??= new DeferredActions();
    return this.#deferred.keep(this.#attempt, action);
  }

  /** It was refused. */
  drop(waiting: WaitingAction): void {
    this.#deferred?.drop(waiting);
  }

  /** What is still waiting is cancelled now, what is with a worker when that has stopped it. */
  cancel(by?: string): void {
    this.#make({ type: 'cancel', ...(by !== undefined && { by }) });
    this.#attempt?.stop();
  }

  /** Its attempt goes into its queue. */
  protected handOver(attempt: AttemptInHand): void {
    this.#attempt = attempt;
    this.apply({ type: 'attemptQueued' });
  }

  /** Its attempt is over, or came back without one; the actions that waited for this are made, before the job goes on. */
  back(event: UntimedJobEvent): void {
    this.#attempt = undefined;
    this.apply(event);
    const hasNotBegun =
      event.type === 'attemptReturned' || (event.type === 'attemptEnded' && event.end.as === 'returned');
    this.#deferred?.over((action) => this.#isMade(action), hasNotBegun);
  }

  /** Its attempt is gone without an end, because the workflow ends: nothing that waited for it is made. */
  protected giveUpAttempt(): void {
    this.#attempt = undefined;
    this.#deferred?.over(() => false);
  }

  logIgnored(why: string): void {
    log.warn('a signal was ignored', { jobId: this.record.id, why });
  }

  #isMade(action: Action): boolean {
    const before = this.record;
    this.#make(action);
    // A pause that came during the attempt has been made already.
    return this.record !== before || (action.type === 'pause' && stateOf(before) === 'paused');
  }

  #make(action: Action): void {
    const before = this.record;
    this.apply({ type: 'actionTaken', action });
    this.acted(action, this.record !== before);
  }
}
