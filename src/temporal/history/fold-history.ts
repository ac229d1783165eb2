/**
 * A job as its history tells it, without asking any worker: so it is right while none runs, and after the job has ended. Goes on with
 * each step that is new, so that a followed history is never folded whole again.
 */
import type { UntimedJobEvent } from '../../job/job-events.ts';
import { recordFromInput, type JobRecord } from '../../job/job-record.ts';
import type { JobInput } from '../../job/job-record.ts';
import type { HistoryStep } from './history-steps.ts';
import { TaskFold, type Incoming, type Step } from './task-fold.ts';

type End = Step<'closed' | 'continuedAsNew'>;

export interface JobHistory {
  readonly record: JobRecord;
  /** What the job was started with. */
  readonly input: JobInput;
  /** What people asked and no worker has seen yet, oldest first. */
  readonly unseen: readonly { readonly event: UntimedJobEvent; readonly at: number }[];
  /** Whether the workflow is over. */
  readonly closed: boolean;
  /** How its newest workflow task failed, where it did. */
  readonly taskFailure: string | undefined;
  /** The run that goes on, if this one continued as new. */
  readonly nextRunId: string | undefined;
}

/** The fold of one run, which goes on as its history does. What it holds is never more than what no workflow task has taken. */
export class JobFold {
  readonly #jobId: string;
  readonly #start: Step<'started'>;
  readonly #tasks: TaskFold;
  /** The newest workflow task, of which there is only one at a time. */
  #started: Step<'taskStarted'> | undefined;
  #taskFailure: string | undefined;
  #incoming: Incoming[] = [];
  #end: End | undefined;

  constructor(jobId: string, start: Step<'started'>, tasks = tasksOf(jobId, start)) {
    this.#jobId = jobId;
    this.#start = start;
    this.#tasks = tasks;
  }

  /** Goes on by itself, and leaves this one as it is. */
  copy(): JobFold {
    const copy = new JobFold(this.#jobId, this.#start, this.#tasks.copy());
    copy.#started = this.#started;
    copy.#taskFailure = this.#taskFailure;
    copy.#incoming = [...this.#incoming];
    copy.#end = this.#end;
    return copy;
  }

  add(step: HistoryStep): void {
    switch (step.type) {
      case 'started':
        break;
      case 'taskStarted':
        this.#started = step;
        break;
      case 'taskCompleted':
        this.#tasks.endTask();
        this.#tasks.startTask(this.#started?.id === step.startedId ? this.#started.at : step.at, this.#incoming);
        this.#incoming = [];
        this.#taskFailure = undefined;
        break;
      case 'taskFailed':
        this.#taskFailure = step.why;
        break;
      case 'signaled':
      case 'cameIn':
        this.#incoming.push(step);
        break;
      case 'acted':
      case 'actionAccepted':
      case 'actionRefused':
        this.#tasks.act(step);
        break;
      case 'closed':
      case 'continuedAsNew':
        this.#end = step;
        break;
    }
  }

  /** The job as its steps tell it so far; the fold goes on from where it is, as if nobody had asked. */
  now(): JobHistory {
    const end = this.#end;
    const tasks = this.#tasks.copy();
    if (end?.type === 'closed' && end.byItself) tasks.act(end);
    tasks.endTask();

    // What has happened has happened, though the job has not learnt of it yet: the attempt is over, with its end's own time.
    const unseen: { event: UntimedJobEvent; at: number }[] = [];
    for (const step of this.#incoming) {
      if (step.type === 'signaled') unseen.push({ event: { type: 'actionTaken', action: step.action }, at: step.at });
      else if (step.event.type === 'cancelRequested') unseen.push({ event: step.event, at: step.at });
      else tasks.learn(step.event, step.at);
    }
    if (end?.type === 'closed' && end.event) tasks.learn(end.event, end.at);
    return {
      record: tasks.record,
      input: this.#start.input,
      // Nobody will look at what was asked of a job that is over.
      unseen: end ? [] : unseen,
      closed: end !== undefined,
      taskFailure: this.#taskFailure,
      nextRunId: end?.type === 'continuedAsNew' ? end.runId : undefined,
    };
  }
}

function tasksOf(jobId: string, { kind, at, input, problems }: Step<'started'>): TaskFold {
  return new TaskFold(recordFromInput(jobId, kind, at, input, problems), at);
}
