/** All jobs in one call. */
import type { JobCounts, Load } from './workload.ts';

export function inBulk(jobs: JobCounts): Load {
  return {
    what: 'in bulk',
    jobs,
    countMatters: false,
    freshServer: false,
    async run(roads) {
      for (const road of roads)
        await road.watchCpu(async () => {
          await road.startAll(() => undefined);
          await road.allRan();
        });
    },
  };
}
