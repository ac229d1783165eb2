/** Reads how an attempt ended out of the error that Temporal gives for it, in a workflow and out of a history alike. */
import { ApplicationFailure, CancelledFailure, TimeoutFailure } from '@temporalio/common';
import { FAILURE } from './failures.ts';
import type { AttemptEnd } from './job-events.ts';
import type { AttemptReport, JobErrorView } from './job.ts';
import { readReport } from './read-report.ts';

/** @param cause the cause of the `ActivityFailure` */
export function attemptEndFromError(cause: unknown): AttemptEnd {
  if (cause instanceof CancelledFailure)
    return { as: 'cancelled', error: { type: 'Cancelled', message: 'the attempt was cancelled' }, ...reportIn(cause) };
  if (cause instanceof TimeoutFailure) return endFromTimeout(cause);
  if (cause instanceof ApplicationFailure) return endFromFailure(cause);
  const message = cause instanceof Error ? cause.message : String(cause);
  return { as: 'failed', error: { type: 'Error', message }, retryable: true };
}

function endFromTimeout(cause: TimeoutFailure): AttemptEnd {
  const report = readReport(cause.lastHeartbeatDetails);
  if (cause.timeoutType === 'HEARTBEAT') {
    const message = `${report?.worker ?? 'the worker'} sent no more heartbeats`;
    return { as: 'crashed', error: { type: FAILURE.heartbeatLost, message }, ...(report && { report }) };
  }
  return attemptTimedOut(report);
}

export function attemptTimedOut(report?: AttemptReport): AttemptEnd {
  const error = { type: FAILURE.attemptTimeout, message: 'the attempt took longer than its kind allows' };
  return { as: 'failed', error, retryable: true, ...(report && { report }) };
}

function endFromFailure(cause: ApplicationFailure): AttemptEnd {
  const error: JobErrorView = { type: cause.type ?? 'Error', message: cause.message };
  const reported = reportIn(cause);
  switch (error.type) {
    case FAILURE.discarded:
      return { as: 'discarded', error, ...reported };
    case FAILURE.workerLost:
      return { as: 'crashed', error, ...reported };
    case FAILURE.workerStopped:
      return { as: 'interrupted', error, ...reported };
    default: {
      const delayMs = reported.report?.nextDelayMs;
      const retryable = cause.nonRetryable !== true;
      return { as: 'failed', error, retryable, ...(delayMs !== undefined && { delayMs }), ...reported };
    }
  }
}

function reportIn(failure: { readonly details?: unknown[] | null | undefined }): { report?: AttemptReport } {
  const report = readReport(failure.details?.[0]);
  return report ? { report } : {};
}
