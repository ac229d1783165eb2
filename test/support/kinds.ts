/** The demo's kinds, as tests enqueue them and replace their work. */
import { z } from 'zod';
import { greet } from '../../src/demo/jobs/greet.ts';
import { writeReport } from '../../src/demo/jobs/write-report.ts';
import type { RequestedJob } from '../../src/contract/schemas/job-request.ts';
import type { AttemptInput } from '../../src/job/job.ts';
import type { JobRequest } from '../../src/job/job-request.ts';
import { catalogueOf } from '../../src/kinds/catalogue.ts';
import type { AnyJob, Run } from '../../src/kinds/job-definition.ts';
import { settle } from '../../src/kinds/settle.ts';
import type { Work } from '../../src/runner/run-work.ts';

export const CATALOGUE = catalogueOf([greet, writeReport]);

/** A request for a NameWorkflow unless it says otherwise, with all that its definition settles. */
export function asked({
  kind = 'NameWorkflow',
  args = { name: 'foo' },
  ...options
}: Partial<RequestedJob> = {}): JobRequest {
  const job = CATALOGUE.find(kind);
  if (!job) throw new Error(`the demo has no kind ${kind}`);
  return settle(job, { kind, args, ...options });
}

/** The first attempt of a NameWorkflow unless it says otherwise, as its workflow hands it out. The kind may be none of the demo's. */
export function attemptInput({ kind = 'NameWorkflow', ...more }: Partial<AttemptInput> = {}): AttemptInput {
  const { timeoutMs, travels } = (CATALOGUE.find(kind) ?? greet).options;
  const input = { jobId: 'job-1', queue: 'default', number: 1, dueAt: 0, args: { name: 'foo' }, timeoutMs, travels };
  return { kind, ...input, ...more };
}

/** The work of a NameWorkflow. */
export type Greet = Run<{ readonly name: string }, unknown, unknown>;

/** The demo's kinds with other work. @param report without it nobody may ask for a report */
export function workOf(name: Greet, report: NonNullable<AnyJob['run']> = noReport): Work {
  const jobs: AnyJob[] = [
    { ...greet, run: name },
    { ...writeReport, run: report },
  ];
  return { catalogue: catalogueOf(jobs), world: undefined };
}

/** The same work, whatever arguments a history holds. */
export function takingAnything({ catalogue, world }: Work): Work {
  const args = z.looseObject({});
  return { catalogue: catalogueOf(catalogue.jobs.map((job): AnyJob => Object.assign({}, job, { args }))), world };
}

function noReport(): never {
  throw new Error('nobody asked for a report');
}
