/** What the work of a job returned, once that is known. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { JobView } from '../job/job.ts';
import type { AnyJob, ResultOf } from '../kinds/define-job.ts';
import { InvalidResultError, JobFailedError } from './errors.ts';
import type { Jobs } from './jobs.ts';

/** @throws {JobFailedError} @throws {InvalidResultError} @throws {JobNotFoundError} @throws the signal's reason */
export async function waitForResult<J extends AnyJob>(
  jobs: Pick<Jobs, 'watch'>,
  { id, definition }: { readonly id: string; readonly definition: J },
  signal: AbortSignal = new AbortController().signal,
): Promise<ResultOf<J>> {
  let last: JobView | undefined;
  for await (const { job } of jobs.watch(id, signal)) {
    last = job;
    // It does not run again by itself, and stays open for a month, in which a person may retry it.
    if (job.state === 'dead') break;
  }
  signal.throwIfAborted();
  if (last?.state !== 'done') throw new JobFailedError(id, last?.state ?? 'cancelled', last?.error ?? null);
  return checkResult(definition, id, last.result);
}

async function checkResult<J extends AnyJob>(definition: J, id: string, result: unknown): Promise<ResultOf<J>> {
  const schema = definition.result as StandardSchemaV1 | undefined;
  // What its own work returned, as far as that keeps to its type.
  if (!schema) return result as ResultOf<J>;
  const checked = await schema['~standard'].validate(result);
  if (checked.issues) throw new InvalidResultError(id, checked.issues.map(({ message }) => message).join('; '));
  return checked.value as ResultOf<J>;
}
