/**
 * Replays the workflow's own fold in the order in which a workflow is told of what came in, and by its clock, which stands still between
 * two workflow tasks.
 */
import { foldJob } from '../../job/fold-job.ts';
import type { Action, UntimedJobEvent } from '../../job/job-events.ts';
import type { JobRecord } from '../../job/job-record.ts';
import { waitsForAttempt } from '../../job/job-states.ts';
import type { HistoryStep } from './history-steps.ts';

export type Step<T extends HistoryStep['type']> = Extract<HistoryStep, { type: T }>;
export type Incoming = Step<'signaled' | 'cameIn'>;
type Done = Step<'acted' | 'actionAccepted' | 'actionRefused' | 'closed'>;

/** An action that came while an attempt was under way, as `AttemptUnderWay` keeps it in the workflow. */
interface WaitingAction {
  readonly action: Action;
  /** Of an update. */
  readonly takenIn?: number;
}

/** Folds one workflow task after the other, in the order in which the workflow is told and acts. */
export class TaskFold {
  record: JobRecord;
  #clock: number;
  #incoming: readonly Incoming[] = [];
  #done: Done[] = [];
  #waiting: WaitingAction[] = [];

  constructor(record: JobRecord, clock: number) {
    this.record = record;
    this.#clock = clock;
  }

  /** Records and lists of what came in are never changed, only replaced. */
  copy(): TaskFold {
    const copy = new TaskFold(this.record, this.#clock);
    copy.#incoming = this.#incoming;
    copy.#done = [...this.#done];
    copy.#waiting = [...this.#waiting];
    return copy;
  }

  startTask(clock: number, incoming: readonly Incoming[]): void {
    this.#clock = clock;
    this.#incoming = incoming;
  }

  act(step: Done): void {
    this.#done.push(step);
  }

  /** Messages come first, then the request to cancel, then the rest; what the workflow did follows. */
  endTask(): void {
    const [clock, incoming, done] = [this.#clock, this.#incoming, this.#done];
    this.#incoming = [];
    this.#done = [];
    // Refused is refused, even if the attempt that was in its way ended in this same task.
    const refused = new Set(done.flatMap((step) => (step.type === 'actionRefused' ? step.takenIn : [])));
    this.#waiting = this.#waiting.filter(({ takenIn }) => takenIn === undefined || !refused.has(takenIn));
    for (const step of incoming) if (step.type === 'signaled') this.#act({ action: step.action }, clock);
    for (const step of done)
      if (step.type === 'actionAccepted' && !refused.has(step.id))
        this.#act({ action: step.action, takenIn: step.id }, clock);
    const others = incoming.filter((step) => step.type === 'cameIn');
    for (const { event } of others) if (event.type === 'cancelRequested') this.learn(event, clock);
    for (const { event } of others) if (event.type !== 'cancelRequested') this.learn(event, clock);
    // A signal that the attempt under way does not allow was for its end in this same task, or is ignored.
    this.#waiting = this.#waiting.filter(({ action }) => waitsForAttempt(action.type));
    for (const step of done) this.#do(step, clock);
  }

  learn(event: UntimedJobEvent, at: number): void {
    this.record = foldJob(this.record, { ...event, at });
    if (event.type !== 'attemptEnded' && event.type !== 'attemptReturned') return;
    for (const { action } of this.#waiting) this.record = foldJob(this.record, { type: 'actionTaken', action, at });
    this.#waiting = [];
  }

  #act(waiting: WaitingAction, at: number): void {
    if (this.record.phase === 'attempting') this.#waiting.push(waiting);
    this.record = foldJob(this.record, { type: 'actionTaken', action: waiting.action, at });
  }

  #do(step: Done, clock: number): void {
    if (step.type === 'acted') this.learn(step.event, clock);
    if (step.type === 'closed' && step.event) this.learn(step.event, clock);
  }
}
