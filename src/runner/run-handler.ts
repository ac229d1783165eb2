/** Runs a handler once. However that ends, it is plain data, made at once in the handler's own process. */
import type { Attempt, Handler, Handlers } from '../activities/handler.ts';
import { BUDGETS } from '../contract/budgets.ts';
import { clip } from '../contract/clip.ts';
import { FAILURE } from '../contract/failures.ts';
import { travelsInGroups } from '../job/group/groups.ts';
import { isJobKind, type JobKind } from '../contract/job-kinds.ts';
import { JOB_ARGS } from '../contract/schemas/job-args.ts';
import { plainFailure, plainResult, type PlainEnd } from './plain-values.ts';

/** Never rejects. */
export async function runHandler(handlers: Handlers, attempt: Attempt): Promise<PlainEnd> {
  const { kind } = attempt;
  // Of a newer version's catalogue.
  if (!isJobKind(kind)) return failure(FAILURE.kindUnknown, `this worker does not know the kind ${String(kind)}`, true);
  const parsed = JOB_ARGS[kind].safeParse(attempt.args);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${['args', ...issue.path].join('.')} ${issue.message}`);
    // A neighbour may have changed for a moment what the check relies on, so only the second time counts.
    return failure(FAILURE.argsInvalid, problems.join('; '), attempt.number === 1);
  }
  try {
    // The handler of the attempt's own kind takes its arguments.
    const result: unknown = await (handlers[kind] as Handler<JobKind>)(parsed.data, attempt);
    return plainResult(result, travelsInGroups(kind) ? BUDGETS.resultInGroup : BUDGETS.result);
  } catch (error) {
    return plainFailure(error);
  }
}

function failure(type: string, message: string, retryable: boolean): PlainEnd {
  // It may quote arguments, which may be anything.
  return { as: 'failed', error: { type, message: clip(message, BUDGETS.errorMessage) }, retryable };
}
