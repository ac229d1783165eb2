/**
 * A job as its history tells it, without asking any worker: so it is right while none runs, and after the job has ended.
 * Replays the workflow's own fold in the order in which a workflow is told of what came in, and by its clock, which stands still
 * between two workflow tasks.
 */
import { foldJob } from '../../job/fold-job.ts';
import type { Action, UntimedJobEvent } from '../../job/job-events.ts';
import { recordFromInput, type JobRecord } from '../../job/job-record.ts';
import { waitsForAttempt } from '../../job/job-states.ts';
import type { JobInput } from '../../job/job.ts';
import type { HistoryStep } from './history-steps.ts';

type Step<T extends HistoryStep['type']> = Extract<HistoryStep, { type: T }>;
type Incoming = Step<'signaled' | 'cameIn'>;
type Done = Step<'acted' | 'actionAccepted' | 'actionRefused' | 'closed'>;

export interface JobHistory {
  readonly record: JobRecord;
  /** What the job was started with. */
  readonly input: JobInput;
  /** What people asked and no worker has seen yet, oldest first. */
  readonly unseen: readonly { readonly event: UntimedJobEvent; readonly at: number }[];
  /** Whether the workflow is over. */
  readonly closed: boolean;
  /** How its newest workflow task failed, where it did. */
  readonly taskFailure?: string | undefined;
  /** The run that goes on, if this one continued as new. */
  readonly nextRunId: string | undefined;
}

/** @returns `undefined` for a history without a start, which no job has */
export function foldHistory(jobId: string, steps: readonly HistoryStep[]): JobHistory | undefined {
  const [start] = steps;
  if (start?.type !== 'started') return undefined;
  const fold = new TaskFold(recordFromInput(jobId, start.kind, start.at, start.input, start.problems), start.at);
  const taskStartedAt = new Map<number, number>();
  let incoming: Incoming[] = [];
  let end: Step<'closed' | 'continuedAsNew'> | undefined;

  for (const step of steps) {
    switch (step.type) {
      case 'started':
        break;
      case 'taskStarted':
        taskStartedAt.set(step.id, step.at);
        break;
      case 'taskCompleted':
        fold.endTask();
        fold.startTask(taskStartedAt.get(step.startedId) ?? step.at, incoming);
        incoming = [];
        break;
      case 'signaled':
      case 'cameIn':
        incoming.push(step);
        break;
      case 'acted':
      case 'actionAccepted':
      case 'actionRefused':
        fold.act(step);
        break;
      case 'closed':
      case 'continuedAsNew':
        end = step;
        break;
    }
  }
  if (end?.type === 'closed' && end.byItself) fold.act(end);
  fold.endTask();

  // What has happened has happened, though the job has not learnt of it yet: the attempt is over, with its end's own time.
  const unseen: { event: UntimedJobEvent; at: number }[] = [];
  for (const step of incoming) {
    if (step.type === 'signaled') unseen.push({ event: { type: 'actionTaken', action: step.action }, at: step.at });
    else if (step.event.type === 'cancelRequested') unseen.push({ event: step.event, at: step.at });
    else fold.learn(step.event, step.at);
  }
  if (end?.type === 'closed' && end.event) fold.learn(end.event, end.at);
  return {
    record: fold.record,
    input: start.input,
    // Nobody will look at what was asked of a job that is over.
    unseen: end ? [] : unseen,
    closed: end !== undefined,
    nextRunId: end?.type === 'continuedAsNew' ? end.runId : undefined,
  };
}

/** An action that came while an attempt was under way, as `AttemptUnderWay` keeps it in the workflow. */
interface WaitingAction {
  readonly action: Action;
  /** Of an update. */
  readonly takenIn?: number;
}

/** Folds one workflow task after the other, in the order in which the workflow is told and acts. */
class TaskFold {
  record: JobRecord;
  #clock: number;
  #incoming: readonly Incoming[] = [];
  #done: Done[] = [];
  #waiting: WaitingAction[] = [];

  constructor(record: JobRecord, clock: number) {
    this.record = record;
    this.#clock = clock;
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
