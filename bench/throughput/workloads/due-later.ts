/** Jobs that are enqueued long before they are due, at one moment or at random within a time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startByCallers } from './callers.ts';
import type { JobCounts, Load } from './workload.ts';

export interface DueLater {
  readonly what: string;
  readonly jobs: JobCounts;
  /** Until the first is due. @format milliseconds */
  readonly inMs: number;
  /** Between the first and the last. @default 0 @format milliseconds */
  readonly withinMs?: number;
  readonly enqueued: { readonly by: 'bulk' } | { readonly by: 'callers'; readonly count: number };
  readonly freshServer: boolean;
}

export function dueLater({ what, jobs, inMs, withinMs = 0, enqueued, freshServer }: DueLater): Load {
  return {
    what,
    jobs,
    countMatters: true,
    freshServer,
    async run(roads) {
      for (const road of roads) {
        const firstDueAt = Date.now() + inMs;
        const dueAt = (): number => Math.round(firstDueAt + Math.random() * withinMs);
        if (enqueued.by === 'bulk') await road.startAll(dueAt);
        else await startByCallers(road, enqueued.count, dueAt);
        road.weigh();
        if (Date.now() > firstDueAt)
          throw new Error(
            `it took more than ${inMs} ms to enqueue ${road.jobs} jobs, so the first were due before the last were there`,
          );
        await sleep(firstDueAt - Date.now());
        await road.watchCpu(() => road.allRan());
      }
    },
  };
}
