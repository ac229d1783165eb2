/** Runs the work of a job once. However that ends, it is plain data, made at once in the work's own process. */
import { BUDGETS, handedOverBudgets } from '../contract/budgets.ts';
import { clip } from '../contract/clip.ts';
import { FAILURE } from '../contract/failures.ts';
import type { AttemptInput } from '../job/job.ts';
import type { Attempt } from '../kinds/job-definition.ts';
import type { Catalogue } from '../kinds/catalogue.ts';
import { checkArgs } from '../kinds/check-args.ts';
import { plainFailure, plainResult, type PlainEnd } from './plain-values.ts';

export interface Work {
  readonly catalogue: Catalogue;
  /** What `setup` of the configuration made. */
  readonly world: unknown;
}

/** Never rejects. */
export async function runWork({ catalogue, world }: Work, input: AttemptInput, attempt: Attempt): Promise<PlainEnd> {
  const job = catalogue.find(input.kind);
  if (!job?.run) return { as: 'unknownKind' };
  try {
    const checking = checkArgs(job, input.args);
    const checked = checking instanceof Promise ? await checking : checking;
    if ('issues' in checked) {
      const problems = checked.issues.map(({ path, message }) => `${path.map(String).join('.')} ${message}`);
      // A neighbour may have changed for a moment what the check relies on, so only the second time counts.
      return argsInvalid(problems.join('; '), input.number === 1);
    }
    const result: unknown = await job.run(checked.args, attempt, world);
    return plainResult(result, handedOverBudgets(input.travels).result);
  } catch (error) {
    return plainFailure(error);
  }
}

function argsInvalid(problems: string, retryable: boolean): PlainEnd {
  // It may quote arguments, which may be anything.
  const message = clip(problems, BUDGETS.errorMessage);
  return { as: 'failed', error: { type: FAILURE.argsInvalid, message }, retryable };
}
