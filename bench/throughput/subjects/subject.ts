/** The ways by which a job gets from its caller to Temporal, Holdfast's and the bare SDK's. */

export type RoadName = keyof typeof ROADS;

/** `alone`: a workflow or an activity of its own for every job, so that rounds have fewer jobs. */
export const ROADS = {
  'in process': { jobs: 'inGroups', workers: 'holdfast' },
  'over HTTP': { jobs: 'inGroups', workers: 'holdfast' },
  'one workflow each': { jobs: 'alone', workers: 'holdfast' },
  'SDK, workflows': { jobs: 'alone', workers: 'bare' },
  'SDK, activities': { jobs: 'alone', workers: 'bare' },
} as const satisfies Record<string, { jobs: 'inGroups' | 'alone'; workers: 'holdfast' | 'bare' }>;

export interface NumberedJob {
  /** By this its end is found in the workers' log. */
  readonly number: number;
  /** @default at once. @format milliseconds since 1970 */
  readonly dueAt: number | undefined;
}

/** Both resolve when all is acknowledged, and reject when anything is not. */
export interface Road {
  start(job: NumberedJob): Promise<void>;
  startAll(jobs: readonly NumberedJob[]): Promise<void>;
}
