/** The loads of the bench, with as many jobs as make a round of a few seconds. */
import { callers } from './callers.ts';
import { dueLater } from './due-later.ts';
import { inBulk } from './in-bulk.ts';
import type { JobCounts, Load } from './workload.ts';
import { loneCaller } from './lone-caller.ts';

export type Loads = ReturnType<typeof allLoads>;

/** @param scale of the numbers of jobs: 1 for figures worth quoting, less to try the bench itself */
export function allLoads(scale: number) {
  const jobs = (inGroups: number, alone: number): JobCounts => ({
    inGroups: Math.max(2, Math.round(inGroups * scale)),
    alone: Math.max(2, Math.round(alone * scale)),
  });
  const tenThousand = {
    jobs: jobs(10_000, 1_000),
    inMs: 15_000,
    enqueued: { by: 'callers', count: 500 },
    freshServer: true,
  } as const;
  const sleepers = {
    jobs: jobs(100_000, 2_000),
    inMs: 30_000,
    // Fewer jobs in less time: as many a second.
    withinMs: 60_000 * Math.min(1, scale),
    freshServer: true,
  };
  return {
    fiftyCallers: callers(50, jobs(8_000, 500)),
    fiveHundredCallers: callers(500, jobs(40_000, 1_000)),
    bulk: inBulk(jobs(50_000, 1_000)),
    loneCaller: loneCaller(jobs(150, 150)),
    hundredDue: dueLater({
      what: '100 due at one moment',
      jobs: jobs(100, 100),
      inMs: 10_000,
      enqueued: { by: 'callers', count: 50 },
      freshServer: false,
    }),
    tenThousandDue: dueLater({ ...tenThousand, what: '10,000 due at one moment' }),
    tenThousandInASecond: dueLater({ ...tenThousand, what: '10,000 due within a second', withinMs: 1_000 }),
    sleepersInBulk: dueLater({ ...sleepers, what: '100,000 asleep, in bulk', enqueued: { by: 'bulk' } }),
    // Each group then has jobs of the whole minute.
    sleepersOneByOne: dueLater({
      ...sleepers,
      what: '100,000 asleep, one by one',
      enqueued: { by: 'callers', count: 500 },
    }),
  } satisfies Record<string, Load>;
}
