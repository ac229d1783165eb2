/** Starts jobs, each by the way that fits it: under its caller's key, once per request, in a group or alone. */
import { aFewAtATime } from './a-few-at-a-time.ts';
import type { JobRequest } from '../../job/job-request.ts';
import { findRepeats } from './find-repeat.ts';
import { GroupCommit } from './group-commit.ts';
import type { Jobs, JobToStart, StartedJob, StartKeys } from '../jobs.ts';
import { askedNow, checkQueue, dueTime, newJob, type AskedAt, type NewJob } from './new-job.ts';
import type { ReadDependencies } from '../history/read-job.ts';
import { startUnlessRepeated } from './late-starts.ts';
import { RequestKeys } from './request-keys.ts';
import { Standstill } from './standstill.ts';
import { startGroup, type GroupedJob } from './start-group.ts';
import { startJob } from './start-job.ts';
import type { StartOutcomes } from './start-outcomes.ts';

interface StartDependencies extends ReadDependencies {
  readonly starts: StartOutcomes;
}

export function startJobs(deps: StartDependencies): Pick<Jobs, 'start' | 'startAll'> {
  const requestKeys = new RequestKeys(findRepeats(deps));
  const startAtOnce = async (job: NewJob, key?: string): Promise<StartedJob> =>
    deps.starts.note(startJob(deps, job, key));
  const standstill = new Standstill();
  const startTogether = async ([first, ...others]: readonly GroupedJob[]): Promise<StartedJob[]> => {
    if (!first) return [];
    if (others.length === 0) return [await startAtOnce(first, first.requestKey)];
    return deps.starts.note(startGroup(deps, [first, ...others]));
  };
  const groups = new GroupCommit({
    one: (job) => startAtOnce(job, job.requestKey),
    many: async (jobs) => startUnlessRepeated(deps, jobs, startTogether),
  });
  const startInTurn = aFewAtATime(startAtOnce);

  /** Up to its place in a batch without a turn of the event loop in between: so jobs keep the order that they come in. */
  const start = async (job: NewJob, keys: StartKeys, startAlone: typeof startAtOnce): Promise<StartedJob> => {
    const { idempotencyKey, requestKey, firstSentAt } = keys;
    if (idempotencyKey !== undefined) return startAlone(job, idempotencyKey);
    const enqueue = async (): Promise<StartedJob> =>
      job.options.travels === 'inGroups' ? groups.enqueue({ ...job, requestKey }) : startAlone(job, requestKey);
    if (requestKey === undefined) return enqueue();
    const repeat = async (): Promise<StartedJob> => startAlone(job, requestKey);
    return requestKeys.start({ job, key: requestKey, firstSentAt, start: enqueue, repeat });
  };

  const checked = (request: JobRequest, asked: AskedAt): NewJob => {
    checkQueue(request, deps.taskQueue);
    return newJob(request, asked);
  };

  return {
    start: async (request, keys = {}) => start(checked(request, askedNow(standstill.earliest())), keys, startAtOnce),
    async startAll(jobs) {
      const asked = askedNow(standstill.earliest());
      const outcomes: Promise<StartedJob>[] = [];
      for (const { place, request, keys = {} } of inOrder(jobs, asked.now))
        outcomes[place] = (async () => start(checked(request, asked), keys, startInTurn))();
      return Promise.allSettled(outcomes);
    },
  };
}

/**
 * By their due times, and those due at the same time as they came. Jobs that are due together then share a workflow, which wakes less
 * often.
 */
function inOrder(jobs: readonly JobToStart[], now: number): (JobToStart & { readonly place: number })[] {
  const timed = jobs.map((job, place) => ({ ...job, place, dueAt: dueTime(job.request, now) }));
  return timed.sort((a, b) => a.dueAt - b.dueAt);
}
