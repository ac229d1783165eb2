/** Runs a handler once, and puts how that ended into the one form that the job loop reads. */
import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import { msOptionalToNumber } from '@temporalio/common/lib/time.js';
import { BUDGETS } from '../contract/budgets.ts';
import { argsInvalid, FAILURE, resultTooLarge } from '../contract/failures.ts';
import { travelsInGroups } from '../contract/groups.ts';
import { isJobKind, type JobKind, type JobResult } from '../contract/job-kinds.ts';
import type { AttemptInput, AttemptReport, AttemptSuccess } from '../contract/job.ts';
import { LIMITS } from '../contract/limits.ts';
import { JOB_ARGS } from '../contract/schemas/job-args.ts';
import type { ActivityDependencies, Attempt, Handler } from './attempt.ts';

export type AttemptFailure = ApplicationFailure | CancelledFailure;

export interface HandlerRun<K extends JobKind> {
  readonly handler: Handler<K>;
  readonly input: AttemptInput<K>;
  readonly deps: Pick<ActivityDependencies, 'log' | 'worker'>;
  readonly signal: AbortSignal;
  /** Whether the signal was aborted because the worker stops: nobody is to blame. */
  readonly workerStops: () => boolean;
  /** @default now. @format milliseconds since 1970 */
  readonly startedAt: number;
  readonly onProgress: (report: AttemptReport) => void;
}

/** @throws {AttemptFailure} with the attempt's report in its details */
export async function runHandler<K extends JobKind>(run: HandlerRun<K>): Promise<AttemptSuccess<K>> {
  const { input, signal } = run;
  let report: AttemptReport = { startedAt: run.startedAt, worker: run.deps.worker };
  const log = run.deps.log.child({ jobId: input.jobId, kind: input.kind, attempt: input.number });
  const attempt: Attempt<K> = {
    ...input,
    log,
    signal,
    progress(done, total, checkpoint) {
      report = { ...report, progress: { done, total }, ...(checkpoint !== undefined && { checkpoint }) };
      run.onProgress(report);
    },
  };
  try {
    // Cancelled before it began: its signal would not tell the handler any more.
    signal.throwIfAborted();
    const result = checkedResult(input.kind, await run.handler(checkedArgs(input), attempt));
    return { ...report, endedAt: Date.now(), result };
  } catch (error) {
    const failure = asFailure(error, { ...report, endedAt: Date.now() }, run);
    log.warn({ event: 'attempt.failed', failure: failureType(failure) }, `attempt failed: ${failure.message}`);
    throw failure;
  }
}

/** Arguments as the kind's schema makes them. @throws {ApplicationFailure} `JobArgsInvalid`, naming the field */
function checkedArgs<K extends JobKind>(input: AttemptInput<K>): AttemptInput<K>['args'] {
  // Of a newer version's catalogue.
  if (!isJobKind(input.kind)) throw new Error(`this worker does not know the kind ${String(input.kind)}`);
  const parsed = JOB_ARGS[input.kind].safeParse(input.args);
  if (parsed.success) return parsed.data as AttemptInput<K>['args'];
  const problems = parsed.error.issues.map((issue) => `${['args', ...issue.path].join('.')} ${issue.message}`);
  throw argsInvalid(problems.join('; '));
}

/** @throws {ApplicationFailure} `JobResultTooLarge`: the work is done, and no further attempt would return less */
function checkedResult<K extends JobKind>(kind: K, result: JobResult<K>): JobResult<K> {
  const bytes = Buffer.byteLength(JSON.stringify(result) ?? '');
  // Room for what is said of the attempt besides.
  const possible = travelsInGroups(kind) ? LIMITS.itemReportBytes - 1_024 : BUDGETS.result;
  if (bytes > possible) throw resultTooLarge(bytes, possible);
  return result;
}

/** The failure as the handler meant it, with the attempt's report in its details. */
function asFailure<K extends JobKind>(error: unknown, report: AttemptReport, run: HandlerRun<K>): AttemptFailure {
  if (run.workerStops()) {
    const message = `${report.worker} was stopped before the attempt ended`;
    return ApplicationFailure.create({ type: FAILURE.workerStopped, message, details: [report] });
  }
  if (run.signal.aborted) return new CancelledFailure('the attempt was cancelled', [report]);
  if (!(error instanceof Error))
    return ApplicationFailure.create({ type: 'Error', message: String(error), details: [report] });
  if (!(error instanceof ApplicationFailure))
    return ApplicationFailure.create({ type: error.name, message: error.message, cause: error, details: [report] });
  const nextDelayMs = msOptionalToNumber(error.nextRetryDelay ?? undefined);
  return ApplicationFailure.create({
    type: error.type ?? 'Error',
    message: error.message,
    nonRetryable: error.nonRetryable ?? false,
    ...(error.category && { category: error.category }),
    cause: error,
    details: [nextDelayMs === undefined ? report : { ...report, nextDelayMs }],
  });
}

function failureType(failure: AttemptFailure): string {
  return failure instanceof ApplicationFailure ? (failure.type ?? 'Error') : 'Cancelled';
}
