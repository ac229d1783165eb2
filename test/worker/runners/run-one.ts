import type { AttemptEnd } from '../../../src/job/job-events.ts';
import { attemptInput } from '../../support/kinds.ts';
import type { RunnerPool } from '../../../src/worker/runners/runner-pool.ts';

/** An attempt of which nobody wants to know more than its end. */
export async function runOne(pool: RunnerPool): Promise<AttemptEnd> {
  const { promise, resolve } = Promise.withResolvers<AttemptEnd>();
  pool.run(attemptInput(), { begun: () => undefined, changed: () => undefined, ended: resolve, over: () => undefined });
  return promise;
}
