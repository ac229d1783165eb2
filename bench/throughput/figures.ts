/** Every target of throughput and punctuality, and how it is measured. Rows of the table, in its order. */
import type { Loads } from './workloads/all.ts';
import type { Load } from './workloads/workload.ts';
import type { Measures } from './recording.ts';
import type { RoadName } from './subjects/subject.ts';

export interface Figure {
  readonly what: string;
  readonly unit: 'jobs/s' | 'ms' | 'MB' | '×';
  readonly target: { readonly atLeast: number } | { readonly atMost: number };
  readonly load: Load;
  /** Holdfast's; the load has them all in each round. */
  readonly roads: readonly RoadName[];
  /** @param round what it comes to on each of the roads */
  of(round: readonly Measures[]): number | undefined;
  /** What the bare SDK is measured with, where the figure means anything for it. */
  readonly bareLoad: Load | undefined;
}

type Measure = Exclude<keyof Measures, 'cpu'>;

const IN_PROCESS = ['in process'] as const;
const OVER_HTTP = ['over HTTP'] as const;
/** In the same rounds, so that a ratio is one of the same minute. */
const WITH_AND_WITHOUT_GROUPS = ['in process', 'one workflow each'] as const;

export function allFigures(loads: Loads): readonly Figure[] {
  const { fiftyCallers, fiveHundredCallers, bulk, loneCaller } = loads;
  return [
    jobsPerSecond('50 callers, in process', 2_000, fiftyCallers, WITH_AND_WITHOUT_GROUPS),
    jobsPerSecond('500 callers, in process', 12_000, fiveHundredCallers, IN_PROCESS),
    jobsPerSecond('50 callers, over HTTP', 900, fiftyCallers, OVER_HTTP),
    jobsPerSecond('500 callers, over HTTP', 5_500, fiveHundredCallers, OVER_HTTP),
    jobsPerSecond('in bulk, in process', 20_000, bulk, IN_PROCESS),
    jobsPerSecond('in bulk, over HTTP', 20_000, bulk, OVER_HTTP),
    {
      ...withoutGroups('50 callers: jobs/s, times those of one workflow each', fiftyCallers, 'jobsPerSecond'),
      target: { atLeast: 25 },
    },
    atMost(20, 'ms', 'ackP50', 'acknowledgement p50, 50 callers', fiftyCallers, WITH_AND_WITHOUT_GROUPS),
    atMost(10, 'ms', 'ackP50', 'acknowledgement p50, one caller', loneCaller, WITH_AND_WITHOUT_GROUPS),
    atMost(100, 'ms', 'toRunP50', 'enqueue to run p50, 50 callers', fiftyCallers, WITH_AND_WITHOUT_GROUPS),
    withoutGroups('one caller: acknowledgement p50, times that of one workflow each', loneCaller, 'ackP50'),
    withoutGroups('one caller: enqueue to run p50, times that of one workflow each', loneCaller, 'toRunP50'),
    atMost(60, 'ms', 'lateP99', '100 due in 10 s: lateness p99', loads.hundredDue),
    atMost(2_000, 'ms', 'lateMax', '10,000 due at one moment: last start', loads.tenThousandDue),
    atMost(2_000, 'ms', 'lateMax', '10,000 due within a second: latest start', loads.tenThousandInASecond),
    ...asleep('in bulk', loads.sleepersInBulk, loads.sleepersInBulk),
    // The SDK has no bulk, so the two are the same to it.
    ...asleep('one by one', loads.sleepersOneByOne, loads.sleepersInBulk),
  ];
}

function jobsPerSecond(what: string, atLeast: number, load: Load, roads: readonly RoadName[]): Figure {
  const of: Figure['of'] = ([round]) => round?.jobsPerSecond;
  return { what, unit: 'jobs/s', target: { atLeast }, load, roads, of, bareLoad: load };
}

function atMost(
  limit: number,
  unit: Figure['unit'],
  measure: Measure,
  what: string,
  load: Load,
  roads: readonly RoadName[] = IN_PROCESS,
): Figure {
  return { what, unit, target: { atMost: limit }, load, roads, of: ([round]) => round?.[measure], bareLoad: load };
}

/** Holdfast's own figure over that of the same jobs without groups. A lone caller must not pay for them. */
function withoutGroups(what: string, load: Load, measure: Measure): Figure {
  const of: Figure['of'] = ([grouped, alone]) => {
    const [figure, over] = [grouped?.[measure], alone?.[measure]];
    return figure === undefined || over === undefined ? undefined : figure / over;
  };
  return { what, unit: '×', target: { atMost: 1.1 }, load, roads: WITH_AND_WITHOUT_GROUPS, of, bareLoad: undefined };
}

function asleep(how: string, load: Load, bareLoad: Load): Figure[] {
  const what = `100,000 asleep, enqueued ${how}`;
  return [
    { ...atMost(600, 'MB', 'workerMb', `${what}: worker's memory`, load), bareLoad },
    { ...atMost(2_000, 'ms', 'lateMax', `${what}: latest start`, load), bareLoad },
    { ...atMost(2_000, 'ms', 'lateP99', `${what}: lateness p99`, load), bareLoad },
  ];
}
