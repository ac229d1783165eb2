/** Enqueues jobs that the work of other jobs asks for. What a runner says is application code's, so it is checked like any request. */
import { isKindName } from '../contract/kind-names.ts';
import { FIELD_CHECKS, isObject } from '../job/field-checks.ts';
import type { JobOptions } from '../job/job-options.ts';
import type { JobRequest } from '../job/job-request.ts';
import { InvalidJobError } from '../kinds/invalid-job-error.ts';
import type { EnqueueAnswer } from '../runner/messages.ts';
import type { Jobs } from '../temporal/jobs.ts';
import type { EnqueuedByAttempt } from './runners/runner-pool.ts';

export function enqueueForAttempts(jobs: Pick<Jobs, 'start'>): (asked: EnqueuedByAttempt) => Promise<EnqueueAnswer> {
  const known = new KnownOptions();
  return async ({ request, key, attempt }) => {
    const checked = readRequest(request);
    const { job, created } = await jobs.start(
      { ...checked, options: known.sameAs(checked.options) },
      // A further attempt may make the call that one before has made, whose job it then finds.
      { requestKey: key, ...(attempt.ranSince !== undefined && { firstSentAt: attempt.ranSince }) },
    );
    return { id: job.id, created };
  };
}

/** Pipes carry copies, and a group says once what is the same object for many jobs. */
class KnownOptions {
  readonly #known = new Map<string, JobOptions>();

  sameAs(options: JobOptions): JobOptions {
    const text = JSON.stringify(options);
    const known = this.#known.get(text) ?? options;
    if (this.#known.size < MOST_OPTIONS) this.#known.set(text, known);
    return known;
  }
}

/** A service that makes up options for each job shares none. */
const MOST_OPTIONS = 1_000;

/** @throws {InvalidJobError} */
function readRequest(said: unknown): JobRequest {
  const { kind, options, ...fields } = isObject(said) ? said : {};
  const all: Readonly<Record<string, unknown>> = { ...fields, ...(isObject(options) ? options : {}) };
  const issues = Object.entries(FIELD_CHECKS).flatMap(([name, { isUsable, mustBe }]) =>
    all[name] === undefined || isUsable(all[name], Date.now()) ? [] : { path: [name], message: `must be ${mustBe}` },
  );
  if (!isKindName(kind)) issues.push({ path: ['kind'], message: 'must name a kind' });
  for (const name of ['args', 'queue', 'maxAttempts', 'retryDelaysMs', 'timeoutMs', 'travels'])
    if (all[name] === undefined) issues.push({ path: [name], message: 'is missing' });
  if (issues.length > 0) throw new InvalidJobError(issues);
  return said as JobRequest;
}
