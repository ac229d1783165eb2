/** One caller, who enqueues a job, waits until it has run, and enqueues the next; several roads take turns, job by job. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobCounts, Load } from './workload.ts';

/** When a job's work is done, Temporal still has its end to write down. That is no part of the next job. */
const SETTLE_MS = 25;

export function loneCaller(jobs: JobCounts): Load {
  return {
    what: 'one caller',
    jobs,
    countMatters: false,
    freshServer: false,
    async run(roads) {
      while (roads.some(({ left }) => left > 0))
        for (const road of roads.filter(({ left }) => left > 0))
          await road.watchCpu(async () => {
            await road.start();
            await road.allRan();
            await sleep(SETTLE_MS);
          });
    },
  };
}
