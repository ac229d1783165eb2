/**
 * A job as its history tells it, without asking any worker: so it is right while none runs, and after the job has ended.
 * Replays the workflow's own fold, by the workflow's own clock, which stands still between two workflow tasks.
 */
import { foldJob } from '../contract/fold-job.ts';
import { recordFromInput, type JobRecord } from '../contract/job-record.ts';
import type { JobInput } from '../contract/job.ts';
import type { HistoryStep, UntimedJobEvent } from './history-steps.ts';

type Incoming = Extract<HistoryStep, { type: 'cameIn' | 'timerFired' }>;

export interface JobHistory {
  readonly record: JobRecord;
  /** What the job was started with. */
  readonly input: JobInput;
  /** What people asked and no worker has seen yet, oldest first. */
  readonly unseen: readonly { readonly event: UntimedJobEvent; readonly at: number }[];
  /** Whether the workflow is over. */
  readonly closed: boolean;
  /** The run that goes on, if this one continued as new. */
  readonly nextRunId: string | undefined;
}

/** @returns `undefined` for a history without a start, which no job has */
export function foldHistory(jobId: string, steps: readonly HistoryStep[]): JobHistory | undefined {
  const [start] = steps;
  if (start?.type !== 'started') return undefined;
  let record = recordFromInput(jobId, start.kind, start.at, start.input);
  let clock = start.at;
  let incoming: Incoming[] = [];
  let closed = false;
  let nextRunId: string | undefined;
  const startedAt = new Map<number, number>();

  for (const step of steps) {
    switch (step.type) {
      case 'started':
        break;
      case 'taskStarted':
        startedAt.set(step.id, step.at);
        break;
      case 'taskCompleted':
        clock = startedAt.get(step.startedId) ?? step.at;
        for (const event of asTheWorkflowSees(incoming)) record = takeIn(record, event, clock);
        incoming = [];
        break;
      case 'acted':
        record = foldJob(record, { ...step.event, at: clock });
        break;
      case 'cameIn':
      case 'timerFired':
        incoming.push(step);
        break;
      case 'closed':
        closed = true;
        if (step.event) record = foldJob(record, { ...step.event, at: step.at });
        break;
      case 'continuedAsNew':
        closed = true;
        nextRunId = step.runId;
        break;
    }
  }

  // What has happened has happened, though the job has not learnt of it yet: the attempt is over, with its end's own time.
  const unseen = [];
  for (const step of incoming) {
    if (step.type === 'cameIn' && step.asked) unseen.push({ event: step.event, at: step.at });
    else record = takeIn(record, step, step.at);
  }
  return { record, input: start.input, unseen, closed, nextRunId };
}

/** Within one task the workflow is told of signals first, then of the rest in order. */
function asTheWorkflowSees(incoming: readonly Incoming[]): Incoming[] {
  const isSignal = (step: Incoming): boolean => step.type === 'cameIn' && step.event.type === 'moved';
  return [...incoming.filter(isSignal), ...incoming.filter((step) => !isSignal(step))];
}

function takeIn(record: JobRecord, step: Incoming, at: number): JobRecord {
  if (step.type === 'cameIn') return foldJob(record, { ...step.event, at });
  // The only timer that ends by firing for a dead job is the one of its retention.
  return record.phase === 'dead' ? foldJob(record, { type: 'expired', at }) : record;
}
