/**
 * Turns a handler into the activity that runs it: heartbeats every second, whatever the handler does, carries progress and
 * checkpoint, and reports how it ended in the one form that the job loop reads.
 */
import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import { msOptionalToNumber } from '@temporalio/common/lib/time.js';
import { argsInvalid, FAILURE } from '../contract/failures.ts';
import type { JobKind } from '../contract/job-kinds.ts';
import type { AttemptInput, AttemptReport, AttemptSuccess } from '../contract/job.ts';
import { JOB_ARGS } from '../contract/schemas/job-args.ts';
import type { ActivityDependencies, Attempt, Handler } from './attempt.ts';

const HEARTBEAT_EVERY_MS = 1_000;

type AttemptActivity<K extends JobKind> = (input: AttemptInput<K>) => Promise<AttemptSuccess<K>>;

export function runAttempt<K extends JobKind>(handler: Handler<K>, deps: ActivityDependencies): AttemptActivity<K> {
  return async (input) => {
    const context = Context.current();
    const { base64TaskToken } = context.info;
    let report: AttemptReport = { startedAt: Date.now(), worker: deps.worker };
    const heartbeat = (): void => context.heartbeat(report);
    deps.observer?.started(base64TaskToken, report);
    heartbeat();
    const beating = setInterval(heartbeat, HEARTBEAT_EVERY_MS);
    const log = deps.log.child({ jobId: input.jobId, kind: input.kind, attempt: input.number });
    const attempt: Attempt<K> = {
      ...input,
      log,
      signal: context.cancellationSignal,
      progress(done, total, checkpoint) {
        report = { ...report, progress: { done, total }, ...(checkpoint !== undefined && { checkpoint }) };
        heartbeat();
        deps.observer?.progressed(base64TaskToken, report);
      },
    };
    try {
      const result = await handler(checkedArgs(input), attempt);
      return { ...report, endedAt: Date.now(), result };
    } catch (error) {
      const failure = asFailure(error, { ...report, endedAt: Date.now() }, context);
      log.warn({ event: 'attempt.failed', failure: failureType(failure) }, `attempt failed: ${failure.message}`);
      throw failure;
    } finally {
      clearInterval(beating);
      deps.observer?.ended(base64TaskToken);
    }
  };
}

/** Arguments as the kind's schema makes them. @throws {ApplicationFailure} `JobArgsInvalid`, naming the field */
function checkedArgs<K extends JobKind>(input: AttemptInput<K>): AttemptInput<K>['args'] {
  const parsed = JOB_ARGS[input.kind].safeParse(input.args);
  if (parsed.success) return parsed.data as AttemptInput<K>['args'];
  const problems = parsed.error.issues.map((issue) => `${['args', ...issue.path].join('.')} ${issue.message}`);
  throw argsInvalid(problems.join('; '));
}

/** The failure as the handler meant it, with the attempt's report in its details. */
function asFailure(error: unknown, report: AttemptReport, context: Context): ApplicationFailure | CancelledFailure {
  if (context.cancellationDetails?.workerShutdown) {
    const message = `${report.worker} was stopped before the attempt ended`;
    return ApplicationFailure.create({ type: FAILURE.workerStopped, message, details: [report] });
  }
  if (context.cancellationSignal.aborted) return new CancelledFailure('the attempt was cancelled', [report]);
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

function failureType(failure: ApplicationFailure | CancelledFailure): string {
  return failure instanceof ApplicationFailure ? (failure.type ?? 'Error') : 'Cancelled';
}
