/** Callers that each enqueue a job, wait until it is acknowledged, and enqueue the next. */
import type { Recording } from '../recording.ts';
import type { JobCounts, Load } from './workload.ts';

export function callers(count: number, jobs: JobCounts): Load {
  return {
    what: `${count} callers`,
    jobs,
    countMatters: false,
    freshServer: false,
    async run(roads) {
      for (const road of roads)
        await road.watchCpu(async () => {
          await startByCallers(road, count);
          await road.allRan();
        });
    },
  };
}

/** Starts all that are left. @param dueAt asked for every job; without it they are due at once */
export async function startByCallers(road: Recording, count: number, dueAt?: () => number): Promise<void> {
  const caller = async (): Promise<void> => {
    while (road.left > 0) await road.start(dueAt?.());
  };
  await Promise.all(Array.from({ length: count }, caller));
}
