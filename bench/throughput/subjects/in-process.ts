/** Holdfast as a Node program has it: the client side of `src/temporal`, without a web server. */
import { randomUUID } from 'node:crypto';
import type { RequestedJob } from '../../../src/contract/schemas/job-request.ts';
import { greet } from '../../../src/demo/jobs/greet.ts';
import type { JobRequest } from '../../../src/job/job-request.ts';
import { settle } from '../../../src/kinds/settle.ts';
import type { Jobs } from '../../../src/temporal/jobs.ts';
import type { NumberedJob, Road } from './subject.ts';

export function inProcess(jobs: Jobs): Road {
  return {
    start: async (job) => void (await jobs.start(settled(job))),
    async startAll(all) {
      const outcomes = await jobs.startAll(all.map((job) => ({ request: settled(job) })));
      const failed = outcomes.find((outcome) => outcome.status === 'rejected');
      if (failed) throw new Error('not every job of a bulk was started', { cause: failed.reason });
    },
  };
}

/** The same jobs without groups: one that its caller gave a key travels alone. */
export function oneWorkflowEach(jobs: Jobs): Road {
  const start = async (job: NumberedJob): Promise<void> =>
    void (await jobs.start(settled(job), { idempotencyKey: randomUUID() }));
  return { start, startAll: async (all) => void (await Promise.all(all.map(start))) };
}

function settled(job: NumberedJob): JobRequest {
  return settle(greet, requestOf(job));
}

/** As a caller asks for it. */
export function requestOf({ number, dueAt }: NumberedJob): RequestedJob {
  const args = { name: String(number) };
  return { kind: 'NameWorkflow', args, ...(dueAt !== undefined && { dueAt: new Date(dueAt).toISOString() }) };
}
