/** Finds the job that an earlier request with the same key started, when no process is left that remembers it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isObject } from '../../job/field-checks.ts';
import { GROUP_WORKFLOW, itemAddress, itemId } from '../../job/group/groups.ts';
import { call, orNone } from '../rpc.ts';
import { KeyReusedError } from '../errors.ts';
import { readJob } from '../history/find-job.ts';
import type { StartedJob } from '../jobs.ts';
import type { NewJob } from './new-job.ts';
import { groupHistory, readGroupState, readItem, type GroupState } from '../history/read-item.ts';
import { readOwn, type ReadDependencies } from '../history/read-job.ts';
import { hashRequestKey, readHashes } from './request-key-hash.ts';
import { firstJob, isSameAsSent } from './start-job.ts';

/** What clocks of callers and of Temporal may differ by. @format milliseconds */
const CLOCKS_DIFFER_BY_MS = 60_000;
/** So long after a start, lists may not tell of it yet. @format milliseconds */
const LISTED_WITHIN_MS = 1_000;
/** A list of many groups takes several pages. @format milliseconds */
const LIST_WITHIN_MS = 10_000;

export interface RepeatFinder {
  /** The job that was started with this key, if there is one. @throws {KeyReusedError} when it is of another kind, or was started with other arguments */
  find(key: string, job: NewJob, firstSentAt: number): Promise<StartedJob | undefined>;
  /** A job that is known to be the first one. */
  read(jobId: string): Promise<StartedJob>;
}

type Groups = ReadonlyMap<string, readonly { readonly groupId: string; readonly runId: string }[]>;

export function findRepeats(deps: ReadDependencies): RepeatFinder {
  const groups = new GroupsByKey(deps);
  const read = sharedReads(deps);
  const look = async (key: string, job: NewJob, firstSentAt: number): Promise<StartedJob | undefined> => {
    // A job that started alone has its key as its workflow's id.
    const alone = await orNone(firstJob(deps, key, job));
    if (alone) return alone;
    // A caller's clock may be far ahead.
    const since = Math.min(firstSentAt, Date.now()) - CLOCKS_DIFFER_BY_MS;
    const jobId = await inGroups(deps, await groups.since(since), key, job);
    return jobId === undefined ? undefined : read(jobId);
  };
  return {
    async find(key, job, firstSentAt) {
      const found = await look(key, job, firstSentAt);
      const age = Date.now() - firstSentAt;
      if (found || age >= LISTED_WITHIN_MS) return found;
      await sleep(LISTED_WITHIN_MS - Math.max(0, age));
      return look(key, job, firstSentAt);
    },
    read,
  };
}

/** Hundreds of repeats may come at once for jobs of one group, which is then read once for all of them. */
function sharedReads(deps: ReadDependencies): RepeatFinder['read'] {
  const underWay = new Map<string, Promise<GroupState>>();
  return async (jobId) => {
    const address = itemAddress(jobId);
    if (!address) return { job: (await readJob(deps, jobId)).job, created: false };
    const { groupId } = address;
    const reading = underWay.get(groupId) ?? readGroupState(deps, groupId).finally(() => underWay.delete(groupId));
    underWay.set(groupId, reading);
    const { job } = (await readItem(deps, jobId, address, reading)) ?? (await readOwn(deps, jobId));
    return { job, created: false };
  };
}

/** Different keys may have the same short hash, so the items themselves are asked. */
async function inGroups(
  { client }: ReadDependencies,
  groups: Groups,
  key: string,
  { kind, input: asked }: NewJob,
): Promise<string | undefined> {
  for (const { groupId, runId } of groups.get(hashRequestKey(key)) ?? []) {
    const { items } = (await groupHistory(client, groupId, runId)).input;
    // A group that was started past us may have anything in it.
    const number = items.findIndex((each) => isObject(each) && each.requestKey === key);
    const item = items[number];
    if (!item) continue;
    if (item.kind !== kind || !isSameAsSent(item.args, asked.args)) throw new KeyReusedError(key);
    return itemId(groupId, number);
  }
  return undefined;
}

/** Lists groups by the hashes in their memos. After a crash many callers repeat at once: those that wait share the next list. */
class GroupsByKey {
  readonly #deps: ReadDependencies;
  #listing: Promise<unknown> = Promise.resolve();
  #next: { since: number; readonly groups: Promise<Groups> } | undefined;

  constructor(deps: ReadDependencies) {
    this.#deps = deps;
  }

  /** Of groups that started since then, listed not earlier than now. */
  async since(time: number): Promise<Groups> {
    if (this.#next) {
      this.#next.since = Math.min(this.#next.since, time);
      return this.#next.groups;
    }
    const next = { since: time, groups: this.#afterOthers() };
    this.#next = next;
    this.#listing = next.groups.catch(() => undefined);
    return next.groups;
  }

  async #afterOthers(): Promise<Groups> {
    await this.#listing;
    const since = this.#next?.since ?? 0;
    this.#next = undefined;
    return this.#list(since);
  }

  async #list(since: number): Promise<Groups> {
    const { client } = this.#deps;
    const query = `WorkflowType = '${GROUP_WORKFLOW}' AND StartTime >= '${new Date(since).toISOString()}'`;
    const byHash = new Map<string, { groupId: string; runId: string }[]>();
    const list = async (): Promise<void> => {
      for await (const { workflowId, runId, memo } of client.workflow.list({ query, pageSize: 1_000 })) {
        const hashes = memo?.['requestKeys'];
        for (const hash of readHashes(typeof hashes === 'string' ? hashes : ''))
          byHash.set(hash, [...(byHash.get(hash) ?? []), { groupId: workflowId, runId }]);
      }
    };
    await call(client, list, { timeoutMs: LIST_WITHIN_MS });
    return byHash;
  }
}
