/** A job as it changes. Long-polls the history, so a change shows at once; looks every second for what no history tells. */
import { setTimeout as sleep } from 'node:timers/promises';
import { itemAddress } from '../../job/group/groups.ts';
import { mayPass } from '../errors.ts';
import type { JobSnapshot } from '../jobs.ts';
import { orNone } from '../rpc.ts';
import { describeGroup } from './describe-job.ts';
import { readJob } from './find-job.ts';
import { GroupRun, OwnRun } from './folded-runs.ts';
import { snapshotOfItem } from './read-item.ts';
import { snapshotOfOwn, type ReadDependencies } from './read-job.ts';
import { followRun, type EventReader, type FollowedRun } from './run-history.ts';

/** How often progress, the attempt's worker and the workers' presence are looked at. @format milliseconds */
const LOOK_EVERY_MS = 1_000;

/** @throws {JobNotFoundError} at once; a Temporal that goes away later only makes snapshots stale */
export async function* watchJob(
  deps: ReadDependencies,
  jobId: string,
  signal: AbortSignal,
): AsyncGenerator<JobSnapshot> {
  // One that came in a group begins there, wherever it is now.
  let followed = follow(deps, jobId, itemAddress(jobId)?.groupId ?? jobId, signal);
  let last: JobSnapshot | undefined;
  while (!signal.aborted) {
    let current: JobSnapshot;
    try {
      current = await followed.look();
      // It has left its group since.
      if (current.workflowId !== followed.workflowId) followed = follow(deps, jobId, current.workflowId, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!mayPass(error) || !last) throw error;
      current = { ...last, stale: true };
    }
    if (JSON.stringify(current) !== JSON.stringify(last)) yield current;
    last = current;
    if (current.job.endedAt !== null && !current.stale) return;
    await firstOf(followed.changed(), signal);
  }
}

interface Followed {
  readonly workflowId: string;
  /** The job as the followed history tells it now, or as another workflow has it by now. */
  look(): Promise<JobSnapshot>;
  /** Resolves when there may be more to tell; a second after an error, which the next look reports. */
  changed(): Promise<void>;
}

function follow(deps: ReadDependencies, jobId: string, workflowId: string, signal: AbortSignal): Followed {
  return workflowId === jobId ? followOwn(deps, jobId, signal) : followItem(deps, jobId, workflowId, signal);
}

function followOwn(deps: ReadDependencies, jobId: string, signal: AbortSignal): Followed {
  const { client } = deps;
  const reader = (): OwnRun => new OwnRun(jobId, client.options.loadedDataConverter);
  const runs = new NewestRun(async () => followRun(client, jobId, reader(), signal));
  return {
    workflowId: jobId,
    changed: async () => runs.changed(),
    async look() {
      const history = (await runs.read()).history();
      if (history.nextRunId) runs.startOver();
      return snapshotOfOwn(deps, jobId, history);
    },
  };
}

function followItem(deps: ReadDependencies, jobId: string, groupId: string, signal: AbortSignal): Followed {
  const { client } = deps;
  const item = itemAddress(jobId)?.item ?? -1;
  const reader = (): GroupRun => new GroupRun(groupId, client.options.loadedDataConverter, item);
  const runs = new NewestRun(async () => followRun(client, groupId, reader(), signal));
  return {
    workflowId: groupId,
    changed: async () => runs.changed(),
    async look() {
      const history = await orNone(runs.read().then((run) => run.history()));
      if (history?.nextRunId) runs.startOver();
      if (!history || history.hasLeft(item)) return readJob(deps, jobId);
      const state = { history, ...(await describeGroup(client, groupId)) };
      return (await snapshotOfItem(deps, state, item)) ?? readJob(deps, jobId);
    },
  };
}

/** The run that is followed: the newest one, until it continues as new and another one is. */
class NewestRun<R extends EventReader> {
  readonly #open: () => Promise<FollowedRun<R>>;
  #run: FollowedRun<R> | undefined;
  #opening: Promise<FollowedRun<R>> | undefined;

  constructor(open: () => Promise<FollowedRun<R>>) {
    this.#open = open;
  }

  async read(): Promise<R> {
    return (await this.#opened()).read();
  }

  startOver(): void {
    this.#run = undefined;
  }

  async changed(): Promise<void> {
    const more = async (): Promise<void> => {
      if (!this.#run) await this.#opened();
      else if (this.#run.isOver) await sleep(LOOK_EVERY_MS);
      else await this.#run.more();
    };
    await more().catch(async () => sleep(LOOK_EVERY_MS));
  }

  /** A look does not wait for a change, so both may open it. */
  async #opened(): Promise<FollowedRun<R>> {
    if (this.#run) return this.#run;
    this.#opening ??= this.#open().finally(() => (this.#opening = undefined));
    this.#run = await this.#opening;
    return this.#run;
  }
}

/** The next change, or the next look; an abandoned wait leaves nothing behind. */
async function firstOf(changed: Promise<void>, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const tick = sleep(LOOK_EVERY_MS, undefined, { signal: AbortSignal.any([signal, over.signal]) });
  try {
    await Promise.race([changed, tick.catch(() => undefined)]);
  } finally {
    over.abort();
  }
}
