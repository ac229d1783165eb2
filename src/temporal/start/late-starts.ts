/**
 * Jobs with request keys whose start is late: their callers may have given up and repeated them to another process, which started each
 * alone under its key. So right before the start it is looked whether a job of that id is there.
 */
import { orNone } from '../rpc.ts';
import type { StartedJob } from '../jobs.ts';
import type { ReadDependencies } from '../history/read-job.ts';
import { firstJob } from './start-job.ts';
import type { GroupedJob } from './start-group.ts';

/** Nobody repeats a request sooner. @format milliseconds */
const LATE_AFTER_MS = 1_000;
const LOOKS_AT_ONCE = 8;

/** @param start of those that nobody has started yet @returns one for each, in their order */
export async function startUnlessRepeated(
  deps: ReadDependencies,
  jobs: readonly GroupedJob[],
  start: (jobs: readonly GroupedJob[]) => Promise<readonly StartedJob[]>,
): Promise<StartedJob[]> {
  const repeated = new Map<GroupedJob, StartedJob>();
  let lookedAt = -Infinity;
  for (let late = jobs; late.length > 0; lookedAt = performance.now()) {
    // The look takes time too: what came in meanwhile is looked for again.
    late = jobs.filter((job) => !repeated.has(job) && isLate(job, lookedAt));
    await look(deps, late, repeated);
  }
  const fresh = jobs.filter((job) => !repeated.has(job));
  const started = (fresh.length === 0 ? [] : await start(fresh)).values();
  return jobs.map((job) => repeated.get(job) ?? started.next().value ?? missing());
}

function isLate({ requestKey, cameAt }: GroupedJob, lookedAt: number): boolean {
  return requestKey !== undefined && performance.now() - Math.max(cameAt, lookedAt) > LATE_AFTER_MS;
}

async function look(
  deps: ReadDependencies,
  late: readonly GroupedJob[],
  repeated: Map<GroupedJob, StartedJob>,
): Promise<void> {
  for (let from = 0; from < late.length; from += LOOKS_AT_ONCE)
    await Promise.all(
      late.slice(from, from + LOOKS_AT_ONCE).map(async (job) => {
        const first = await orNone(firstJob(deps, job.requestKey ?? '', job));
        if (first) repeated.set(job, first);
      }),
    );
}

function missing(): never {
  throw new Error('a start gave fewer jobs than it was given');
}
