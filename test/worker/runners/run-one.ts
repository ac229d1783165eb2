import type { AttemptEnd } from '../../../src/job/job-events.ts';
import type { RunnerPool } from '../../../src/worker/runners/runner-pool.ts';

/** An attempt of which nobody wants to know more than its end. */
export async function runOne(pool: RunnerPool): Promise<AttemptEnd> {
  const { promise, resolve } = Promise.withResolvers<AttemptEnd>();
  const input = {
    jobId: 'job-1',
    kind: 'NameWorkflow',
    queue: 'default',
    number: 1,
    dueAt: 0,
    args: { name: 'x' },
  } as const;
  pool.run(input, { begun: () => undefined, changed: () => undefined, ended: resolve, over: () => undefined });
  return promise;
}
