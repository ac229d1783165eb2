/** The `Jobs` of the web's tests, with a worker that runs what is due, behaves as the web relies on. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Attempt } from '../../src/kinds/job-definition.ts';
import type { WorkerPresence } from '../../src/temporal/jobs.ts';
import { FakeJobs } from '../support/fake-jobs.ts';
import { conforming, QUEUE } from '../support/conforming-jobs.ts';
import { describeJobs } from '../support/jobs-conformance.ts';

const LOOK_EVERY_MS = 2;

describeJobs('in memory', async () => {
  const jobs = new FakeJobs();
  serve(jobs, 'none');
  return {
    jobs,
    async whileServed(body) {
      const over = new AbortController();
      const working = work(jobs, over.signal);
      serve(jobs, 'present');
      jobs.workersAreBack();
      try {
        return await body();
      } finally {
        serve(jobs, 'none');
        over.abort();
        await working;
      }
    },
    async [Symbol.asyncDispose]() {},
  };
});

function serve(jobs: FakeJobs, presence: WorkerPresence): void {
  jobs.workers = presence;
  jobs.queueWorkers = presence;
}

async function work(jobs: FakeJobs, over: AbortSignal): Promise<void> {
  const inHand = new Map<string, AbortController>();
  while (!over.aborted) {
    for (const id of jobs.started) {
      const { job, args } = await jobs.read(id);
      const isDue = ['scheduled', 'retrying'].includes(job.state) && Date.parse(job.dueAt) <= Date.now();
      if (job.actionsTaken.at(-1)?.action === 'cancel') inHand.get(id)?.abort();
      if (isDue && job.queue !== QUEUE) jobs.queue(id);
      if (isDue && job.queue === QUEUE) {
        const stop = new AbortController();
        inHand.set(id, stop);
        void attempt(jobs, id, args, stop.signal).finally(() => inHand.delete(id));
      }
    }
    await sleep(LOOK_EVERY_MS);
  }
}

async function attempt(jobs: FakeJobs, id: string, args: unknown, signal: AbortSignal): Promise<void> {
  jobs.take(id);
  try {
    jobs.finish(id, await conforming.run?.(conforming.args.parse(args), { signal } as Attempt, undefined));
  } catch (error) {
    jobs.fail(id, error instanceof Error ? error.message : String(error));
  }
}
