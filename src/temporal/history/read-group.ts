/** A whole group: every job that came in it, those that left it too. */
import type { Client } from '@temporalio/client';
import { itemId } from '../../job/group/groups.ts';
import { isoTime } from '../../contract/iso-time.ts';
import { isActionLegal, type JobState } from '../../job/job-states.ts';
import type { JobView } from '../../job/job.ts';
import { viewJob } from '../../job/job-view.ts';
import { orNone } from '../rpc.ts';
import type { GroupHistory } from './group-history.ts';
import { GROUP_ACTION_NAMES } from '../../job/actions.ts';
import type { GroupSnapshot } from '../jobs.ts';
import { groupHistory, inHand, readGroupState } from './read-item.ts';
import { readOwn, type ReadDependencies } from './read-job.ts';
import { whyStuck } from '../stuck.ts';

/** Reading one costs two calls, and a group may have lost them all. */
const READ_AT_A_TIME = 10;

/** @throws {JobNotFoundError} */
export async function readGroup(deps: ReadDependencies, groupId: string): Promise<GroupSnapshot> {
  const { client, workers, taskQueue } = deps;
  const { history: newest, chunks, taskTries } = await readGroupState(deps, groupId);
  const runs = await allRuns(client, newest);
  const views = new Map<number, JobView>();
  const left: number[] = [];
  // Oldest first, so that the newest word on each counts.
  for (const run of runs.toReversed())
    for (const item of run.items) {
      const history = run.fold(item);
      if (!history) continue;
      const { record, running } = inHand(history, run, item, chunks);
      views.set(item, viewJob(record, running));
      if (run.hasLeft(item)) left.push(item);
    }
  for (let from = 0; from < left.length; from += READ_AT_A_TIME)
    await Promise.all(
      left.slice(from, from + READ_AT_A_TIME).map(async (item) => {
        const own = await orNone(readOwn(deps, itemId(groupId, item)));
        if (own) views.set(item, own.job);
      }),
    );
  const jobs = [...views].sort(([a], [b]) => a - b).map(([, view]) => view);
  const inGroup = [...views]
    .filter(([item, { endedAt }]) => endedAt === null && !left.includes(item))
    .map(([, view]) => view);
  return {
    id: groupId,
    queue: newest.input.queue,
    createdAt: isoTime(runs.at(-1)?.startedAt ?? newest.startedAt),
    endedAt: newest.closedAt === undefined ? null : isoTime(newest.closedAt),
    counts: countStates(jobs),
    cannotGoOn: whyStuck(taskTries, newest.taskFailure),
    jobs,
    actions: GROUP_ACTION_NAMES.filter((action) => inGroup.some(({ state }) => isActionLegal(state, action))),
    queueWorkers: await workers.presence(newest.input.queue),
    workers: await workers.presence(taskQueue),
  };
}

/** Newest first. */
async function allRuns(client: Client, newest: GroupHistory): Promise<GroupHistory[]> {
  const runs = [newest];
  for (let run = newest; run.previousRunId;) {
    run = await groupHistory(client, run.groupId, run.previousRunId);
    runs.push(run);
  }
  return runs;
}

function countStates(jobs: readonly JobView[]): Partial<Record<JobState, number>> {
  const counts: Partial<Record<JobState, number>> = {};
  for (const { state } of jobs) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
