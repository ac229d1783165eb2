/** The loop that every job runs: wait until due, attempt, and decide what comes next. */
import {
  ActivityCancellationType,
  ActivityFailure,
  allHandlersFinished,
  ApplicationFailure,
  CancelledFailure,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  proxyActivities,
  workflowInfo,
} from '@temporalio/workflow';
import { ApplicationFailureCategory } from '@temporalio/common';
import type { Activities } from '../../activities/index.ts';
import { attemptEndFromError } from '../../job/attempt-end.ts';
import { BUDGETS } from '../../contract/budgets.ts';
import { DEAD_RETENTION_MS } from '../../job/retry-delays.ts';
import { clip } from '../../contract/clip.ts';
import { FAILURE } from '../../contract/failures.ts';
import { NeedsNewerWorkerError } from '../../contract/format.ts';
import type { AttemptEnd } from '../../job/job-events.ts';
import type { AttemptInput, AttemptSuccess, JobArgs, JobErrorView } from '../../job/job.ts';
import type { JobInput } from '../../job/job-record.ts';
import { attemptPriority } from '../../contract/queues.ts';
import { readSuccess } from '../../job/read-report.ts';
import { ranSince } from '../../job/job-record.ts';
import { readStart } from '../../job/read-start.ts';
import { ATTEMPT_BACKSTOP_MS, HEARTBEAT_TIMEOUT } from './decisions.ts';
import { OwnJob } from './own-job.ts';
import { MessagesOfRun } from './messages-of-run.ts';
import { answerJobMessages } from './answer-job-messages.ts';

/** @param inputs what the workflow was started with: anything, since a start may come past the web */
export async function runJob(inputs: readonly unknown[]): Promise<unknown> {
  const { workflowId, startTime } = workflowInfo();
  const start = readStart(inputs, startTime.getTime());
  if (start.needsNewer) throw new NeedsNewerWorkerError(`job ${workflowId}`);
  const job = new OwnJob(start);
  const messages = new MessagesOfRun();
  answerJobMessages(job, messages);
  CancellationScope.current().cancelRequested.catch(() => job.apply({ type: 'cancelRequested' }));
  try {
    while (!job.ended) {
      if (workflowInfo().continueAsNewSuggested || messages.areSpent) await continueAsNewWith(job, start.input);
      if (await untilDue(job)) await attempt(job);
      job.list();
    }
  } catch (error) {
    // Cancelled while it waited. An attempt under way gets the request itself and says how it ended.
    if (!isCancellation(error)) throw error;
  }
  return CancellationScope.nonCancellable(() => end(job));
}

/** @returns whether an attempt is due; if not, it may be now, or something about the job has changed */
async function untilDue(job: OwnJob): Promise<boolean> {
  const { record } = job;
  const changed = (): boolean => job.record !== record;
  if (record.phase === 'dead') {
    const expiresIn = (record.deadSince ?? Date.now()) + DEAD_RETENTION_MS - Date.now();
    const isOver = !(await condition(changed, Math.max(1, expiresIn)));
    if (isOver && !changed()) job.apply({ type: 'expired' });
    return false;
  }
  if (record.paused) {
    await condition(changed);
    return false;
  }
  const dueIn = record.dueAt - Date.now();
  if (dueIn <= 0) return true;
  // Whichever came first, the loop looks again: an action may have come together with the due time.
  await condition(changed, dueIn);
  return false;
}

async function attempt(job: OwnJob): Promise<void> {
  await job.attempt(async () => endOf(queueAttempt(job)));
}

async function queueAttempt(job: OwnJob): Promise<AttemptSuccess> {
  const { id, kind, queue, priority, lastNumber, dueAt, args, timeoutMs, travels, checkpoint, blame } = job.record;
  const { runAttempt } = proxyActivities<Activities>({
    taskQueue: queue,
    ...attemptPriority(priority),
    startToCloseTimeout: timeoutMs + ATTEMPT_BACKSTOP_MS,
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    // The list of retry delays is ours, so that each failure stands in the history and a person can move what comes next.
    retry: { maximumAttempts: 1 },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    summary: `${id} #${lastNumber}`,
  });
  // Runners check the arguments by the kind's own schema.
  const own: Pick<AttemptInput, 'args' | 'checkpoint'> = { args: args as JobArgs, checkpoint };
  const input = { jobId: id, kind, queue, number: lastNumber, dueAt, timeoutMs, travels, ...own };
  const since = ranSince(job.record);
  return runAttempt({
    ...input,
    ...(since !== undefined && { ranSince: since }),
    ...(blame?.isSuspect && { isSuspect: true }),
  });
}

async function endOf(attempting: Promise<AttemptSuccess>): Promise<AttemptEnd> {
  try {
    return { as: 'done', report: readSuccess(await attempting, Date.now()) };
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return attemptEndFromError(error.cause);
  }
}

/** Histories stay short: the next run starts from the record. Returns when the job has ended meanwhile. */
async function continueAsNewWith(job: OwnJob, input: JobInput): Promise<void> {
  await condition(allHandlersFinished);
  if (job.ended) return;
  const { args, ...record } = job.record;
  // Twice the same arguments could be more than Temporal takes.
  await continueAsNew({ ...input, record: args === input.args ? record : job.record });
}

/** Closes the workflow with the status that fits how the job ended. */
async function end(job: OwnJob): Promise<unknown> {
  job.list();
  await condition(allHandlersFinished);
  const { endedAs, result, error } = job.record;
  switch (endedAs) {
    case 'done':
      return result ?? null;
    case 'discarded':
      throw ApplicationFailure.create({
        type: FAILURE.discarded,
        message: error ? sendable(error).message : 'discarded by a person',
        nonRetryable: true,
        category: ApplicationFailureCategory.BENIGN,
      });
    case 'dead':
      throw ApplicationFailure.create({ ...(error && sendable(error)), nonRetryable: true });
    default:
      throw new CancelledFailure('the job was cancelled');
  }
}

/** Half an emoji in the failure of a workflow shuts its worker down, and every one after it: a start past the web may hold one. */
function sendable({ type, message }: JobErrorView): JobErrorView {
  return { type: clip(type, BUDGETS.errorType), message: clip(message, BUDGETS.errorMessage) };
}
