/**
 * How an attempt ended, as Temporal carries it: the error that an activity fails with, and what is read out of one, in a workflow and
 * out of a history alike. What an end means stands in the details, which only our workers write: an error's type is the application's
 * own word, and may be any.
 */
import { ApplicationFailure, CancelledFailure, TimeoutFailure } from '@temporalio/common';
import { FAILURE } from '../contract/failures.ts';
import type { AttemptEnd } from './job-events.ts';
import type { AttemptReport, JobErrorView } from './job.ts';
import { readFate, readReport } from './read-report.ts';

export type UnsuccessfulEnd = Exclude<AttemptEnd, { as: 'done' }>;

/** What the activity of an attempt throws, so that {@link attemptEndFromError} reads the same end. */
export function failureOf(end: UnsuccessfulEnd): ApplicationFailure | CancelledFailure {
  const { report, ...rest } = end;
  if (rest.as === 'cancelled') return new CancelledFailure(rest.error.message, report ? [report] : []);
  const { error = { type: 'Returned', message: 'the worker had no room for it' }, ...fate } = {
    error: undefined,
    ...rest,
  };
  const failure = ApplicationFailure.create({
    type: error.type,
    message: error.message,
    nonRetryable: rest.as === 'failed' && !rest.retryable,
    details: [report ?? null, fate],
  });
  failure.stack = error.stack ?? '';
  return failure;
}

/** @param cause the cause of the `ActivityFailure` */
export function attemptEndFromError(cause: unknown): AttemptEnd {
  if (cause instanceof CancelledFailure) return attemptCancelled(reportIn(cause));
  if (cause instanceof TimeoutFailure) return endFromTimeout(cause);
  if (cause instanceof ApplicationFailure) return endFromFailure(cause);
  const message = cause instanceof Error ? cause.message : String(cause);
  return { as: 'failed', error: { type: 'Error', message }, retryable: true };
}

function endFromTimeout(cause: TimeoutFailure): AttemptEnd {
  const report = readReport(cause.lastHeartbeatDetails);
  if (cause.timeoutType === 'HEARTBEAT') {
    const message = `${report?.worker ?? 'the worker'} sent no more heartbeats`;
    const error = { type: FAILURE.heartbeatLost, message };
    return { as: 'crashed', error, evidence: 'none', ...(report && { report }) };
  }
  return attemptTimedOut(report);
}

export function attemptTimedOut(report?: AttemptReport): AttemptEnd {
  const error = { type: FAILURE.attemptTimeout, message: 'the attempt took longer than its kind allows' };
  return { as: 'failed', error, retryable: true, ...(report && { report }) };
}

export function attemptCancelled(report?: AttemptReport): AttemptEnd {
  const error = { type: 'Cancelled', message: 'the attempt was cancelled' };
  return { as: 'cancelled', error, ...(report && { report }) };
}

/** A newer version wrote what the worker was to run: it leaves it to newer workers. */
export function notReadableHere(worker: string): Extract<AttemptEnd, { as: 'returned' }> {
  return { as: 'returned', delayMs: 0, notHere: { why: 'olderVersion', worker } };
}

/** Its worker stops: nobody is to blame. */
export function attemptInterrupted(message: string, report?: AttemptReport): AttemptEnd {
  return { as: 'interrupted', error: { type: FAILURE.workerStopped, message }, ...(report && { report }) };
}

function endFromFailure(cause: ApplicationFailure): AttemptEnd {
  const error: JobErrorView = {
    type: cause.type ?? 'Error',
    message: cause.message,
    ...(cause.stack && { stack: cause.stack }),
  };
  const fate = readFate(cause.details?.[1]);
  if (fate?.as === 'returned') return fate;
  // Without our mark, it is not one of ours that failed.
  if (!fate && isUnknownActivity(cause)) return notReadableHere('an older worker');
  // Without our mark somebody else failed the activity, say with Temporal's CLI.
  const report = reportIn(cause);
  return { ...(fate ?? { as: 'failed', retryable: cause.nonRetryable !== true }), error, ...(report && { report }) };
}

/** As the SDK's worker (1.24) fails what only a newer version of Holdfast runs. */
function isUnknownActivity({ type, message }: ApplicationFailure): boolean {
  return type === 'NotFoundError' && message.startsWith('Activity function ');
}

function reportIn({ details }: { readonly details?: unknown[] | null | undefined }): AttemptReport | undefined {
  return readReport(details?.[0]);
}
