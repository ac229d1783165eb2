/** Starts jobs, each by the way that fits it: under its caller's key, once per request, in a group or alone. */
import { travelsInGroups } from '../contract/groups.ts';
import { findRepeats } from './find-repeat.ts';
import { GroupCommit } from './group-commit.ts';
import type { Jobs, JobToStart, StartedJob } from './jobs.ts';
import { newJob, type NewJob } from './new-job.ts';
import type { ReadDependencies } from './read-job.ts';
import { RequestKeys } from './request-keys.ts';
import { startGroup } from './start-group.ts';
import { startJob } from './start-job.ts';

export function startJobs(deps: ReadDependencies): Pick<Jobs, 'start' | 'startAll'> {
  const requestKeys = new RequestKeys(findRepeats(deps));
  const groups = new GroupCommit({
    one: (job) => startJob(deps, job, job.requestKey),
    many: (jobs) => startGroup(deps.client, jobs),
  });
  const enqueue = async (job: NewJob, requestKey: string | undefined): Promise<StartedJob> =>
    travelsInGroups(job.kind) ? groups.enqueue({ ...job, requestKey }) : startJob(deps, job, requestKey);
  const start: Jobs['start'] = async (request, keys = {}) => {
    const job = newJob(request);
    const { idempotencyKey, requestKey: key, firstSentAt } = keys;
    if (idempotencyKey !== undefined) return startJob(deps, job, idempotencyKey);
    if (key === undefined) return enqueue(job, undefined);
    return requestKeys.start({ job, key, firstSentAt, start: () => enqueue(job, key) });
  };
  return {
    start,
    async startAll(jobs) {
      // Jobs that are due together then share a workflow, which wakes less often.
      const order = [...jobs.keys()].sort((a, b) => dueAt(jobs[a]) - dueAt(jobs[b]));
      const outcomes = new Map<number, PromiseSettledResult<StartedJob>>();
      const starts = order.map(async (place) => {
        const job = jobs[place];
        const [outcome] = await Promise.allSettled([job && start(job.request, job.keys)]);
        outcomes.set(place, outcome as PromiseSettledResult<StartedJob>);
      });
      await Promise.all(starts);
      return jobs.map((_job, place) => outcomes.get(place) as PromiseSettledResult<StartedJob>);
    },
  };
}

/** As far as it matters for an order. */
function dueAt(job: JobToStart | undefined): number {
  const { dueAt: time, delayMs } = job?.request ?? {};
  return time === undefined ? Date.now() + (delayMs ?? 0) : Date.parse(time);
}
