/** What a group's page shows. */
import { itemAddress } from '../../job/group/groups.ts';
import type { JobView } from '../../job/job.ts';
import { JOB_STATES, type JobState } from '../../job/job-states.ts';
import type { GroupActionName } from '../../job/actions.ts';
import type { GroupSnapshot } from '../../temporal/jobs.ts';
import { formatForInput } from './format-times.ts';
import { groupCommands, groupUrl, type Command, type Surroundings } from './in-temporal.ts';
import { groupNotices, type Notice } from './notices.ts';
import { groupPath, jobPath } from '../paths.ts';
import { countOfJobs, rowTime, shownState, type JobRowModel, type ShownState } from './job-model.ts';

export interface GroupModel {
  readonly id: string;
  readonly path: string;
  readonly title: string;
  readonly queue: string;
  readonly createdAt: string;
  readonly endedAt: string | null;
  /** All its jobs have ended, wherever they are. */
  readonly ended: boolean;
  readonly endedOfAll: string;
  /** In the order of a job's life; only states that occur. */
  readonly states: readonly StateShare[];
  readonly notices: readonly Notice[];
  readonly actions: readonly GroupActionName[];
  /** When its first job is due that still waits. */
  readonly dueAt: string;
  /** Value of the reschedule form, in UTC. */
  readonly dueAtInput: string;
  readonly jobs: readonly GroupJobModel[];
  /** Set when the page shows jobs of one state only. */
  readonly only: ShownState | undefined;
  readonly commands: readonly Command[];
  readonly temporalUrl: string;
}

export interface StateShare {
  readonly state: ShownState;
  readonly count: number;
  /** Where its part of the bar begins, and how wide it is; both of 1,000. */
  readonly from: number;
  readonly width: number;
  /** The page with jobs of this state only. */
  readonly path: string;
}

export interface GroupJobModel {
  readonly id: string;
  /** The last part of its id. */
  readonly number: number;
  readonly path: string;
  readonly kind: string;
  readonly state: ShownState;
  readonly attempts: string;
  readonly time: JobRowModel['time'];
}

/** @param only shows jobs of this state, if any has it */
export function groupModel(group: GroupSnapshot, surroundings: Surroundings, only?: string): GroupModel {
  const { id, queue, createdAt, endedAt, jobs, actions } = group;
  const path = groupPath(id);
  const states = sharesOf(group, path);
  const shown = states.find(({ state }) => state === only)?.state;
  const open = jobs.filter((job) => job.endedAt === null);
  const dueAt = earliestDue(open) ?? createdAt;
  return {
    id,
    path,
    title: countOfJobs(jobs.length),
    queue,
    createdAt,
    endedAt,
    ended: endedAt !== null && open.length === 0,
    endedOfAll: `${jobs.length - open.length} of ${jobs.length} ended`,
    states,
    notices: open.length === 0 ? [] : groupNotices(group, surroundings.programs),
    actions,
    dueAt,
    dueAtInput: formatForInput(dueAt),
    jobs: jobs.map(groupJobModel).filter(({ state }) => shown === undefined || state === shown),
    only: shown,
    commands: groupCommands(id, actions, surroundings),
    temporalUrl: groupUrl(id, surroundings),
  };
}

const WIDTH = 1_000;
/** Of the narrowest part of the bar: one job of many can be seen, too. */
const NARROWEST = 12;

function sharesOf({ counts, jobs }: GroupSnapshot, path: string): StateShare[] {
  const counted = new Map<ShownState, number>();
  for (const state of new Set([...Object.keys(JOB_STATES), ...Object.keys(counts)]) as Set<JobState>) {
    const [shown, count] = [shownState(state), counts[state] ?? 0];
    if (count > 0) counted.set(shown, (counted.get(shown) ?? 0) + count);
  }
  const room = WIDTH - NARROWEST * counted.size;
  let from = 0;
  return [...counted].map(([state, count]) => {
    const width = Math.round(NARROWEST + (room * count) / jobs.length);
    const share = { state, count, from, width, path: `${path}?state=${state}#jobs` };
    from += width;
    return share;
  });
}

function groupJobModel(job: JobView, index: number): GroupJobModel {
  return {
    id: job.id,
    number: itemAddress(job.id)?.item ?? index,
    path: jobPath(job.id),
    kind: job.kind,
    state: shownState(job.state),
    attempts: `${job.attempt} of ${job.maxAttempts}`,
    time: rowTime(job),
  };
}

function earliestDue(open: readonly JobView[]): string | undefined {
  return open.map(({ dueAt }) => dueAt).sort()[0];
}
