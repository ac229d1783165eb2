/**
 * A group's start as it came, checked like a job's: by the workflow and by the web's fold of its history. An item that is not usable is
 * dead alone; only what is no group at all takes all of it along.
 */
import { FIELD_CHECKS, isObject, isPriority, isWholeNumber } from '../field-checks.ts';
import {
  itemAddress,
  itemNumber,
  type GroupCarried,
  type GroupInput,
  type GroupItemOptions,
  type GroupSummary,
} from './groups.ts';
import { isKindName, KIND_NAME_RULE } from '../../contract/kind-names.ts';
import { needsNewer } from '../../contract/format.ts';
import type { JobRecord } from '../job-record.ts';
import { LIMITS } from '../../contract/limits.ts';
import { readFields, type Start } from '../read-start.ts';
import { problemWithRecord } from '../record-checks.ts';

/** A job as its group hands it on, or as it came. */
export interface ItemStart extends Start {
  readonly kind: string;
}

interface GroupStart {
  readonly input: GroupInput;
  /** What is wrong with the group as a whole. */
  readonly problem: string | undefined;
  /** A newer version wrote it, and only that one can tell what it means. */
  readonly needsNewer: boolean;
}

/** @param inputs all that the workflow was started with: one, if all is well */
export function readGroupStart(groupId: string, inputs: readonly unknown[]): GroupStart {
  const [input] = inputs;
  const { queue, priority, kinds, items, carried } = isObject(input) ? input : {};
  const newer = needsNewer(input) || (Array.isArray(items) && items.some((item) => needsNewer(item)));
  return {
    needsNewer: newer,
    problem: isObject(input)
      ? problemWith(groupId, { queue, priority, kinds, items, carried })
      : 'a group takes an object with queue and items',
    input: {
      queue: typeof queue === 'string' ? queue : 'unknown',
      ...(isPriority(priority) && { priority }),
      ...(isOptionsTable(kinds) && { kinds }),
      items: Array.isArray(items) ? items.slice(0, LIMITS.groupItems) : [],
      ...(isCarried(groupId, carried) && { carried }),
    },
  };
}

function problemWith(
  groupId: string,
  { queue, priority, kinds, items, carried }: Readonly<Record<keyof GroupInput, unknown>>,
): string | undefined {
  if (!FIELD_CHECKS.queue.isUsable(queue, 0)) return `queue is not usable: it must be ${FIELD_CHECKS.queue.mustBe}`;
  if (priority !== undefined && !isPriority(priority))
    return `priority is not usable: it must be ${FIELD_CHECKS.priority.mustBe}`;
  if (kinds !== undefined && !isOptionsTable(kinds))
    return `kinds is not usable: it must be an object with ${ITEM_OPTIONS.join(', ')} of each kind`;
  if (!Array.isArray(items)) return 'items is not usable: it must be a list of jobs';
  if (items.length > LIMITS.groupItems) return `items has ${items.length} jobs, and ${LIMITS.groupItems} are possible`;
  if (carried !== undefined && !isCarried(groupId, carried))
    return 'carried is not usable: only a group that goes on from an earlier run has it';
  return undefined;
}

const ITEM_OPTIONS = ['maxAttempts', 'retryDelaysMs', 'timeoutMs'] as const satisfies (keyof GroupItemOptions)[];

function isOptionsTable(kinds: unknown): kinds is Readonly<Record<string, GroupItemOptions>> {
  if (!isObject(kinds)) return false;
  return Object.values(kinds).every(
    (options) => isObject(options) && ITEM_OPTIONS.every((name) => FIELD_CHECKS[name].isUsable(options[name], 0)),
  );
}

/** Each job that was handed on has an id of this group; whether it is usable otherwise is its own affair. */
function isCarried(groupId: string, carried: unknown): carried is GroupCarried {
  if (!isObject(carried)) return false;
  const { jobs, chunks, chunkSize, summary } = carried;
  return (
    Array.isArray(jobs) &&
    jobs.every((job) => numberOf(groupId, job) !== undefined) &&
    isWholeNumber(chunks, 0, Number.MAX_SAFE_INTEGER) &&
    isWholeNumber(chunkSize, 1, LIMITS.groupItems) &&
    isSummary(summary)
  );
}

function isSummary(summary: unknown): summary is GroupSummary {
  if (!isObject(summary)) return false;
  return Object.values(summary).every((count) => isWholeNumber(count, 0, Number.MAX_SAFE_INTEGER));
}

/** The last part of its id, whichever group that names. */
function numberOf(groupId: string, job: unknown): number | undefined {
  if (!isObject(job) || typeof job['id'] !== 'string') return undefined;
  return itemNumber(groupId, job['id']) ?? itemAddress(job['id'])?.item;
}

/** Numbers of the jobs that a run begins with. */
export function itemNumbers(groupId: string, { items, carried }: GroupInput): number[] {
  return carried ? carried.jobs.map((job) => numberOf(groupId, job) ?? -1) : [...items.keys()];
}

/**
 * The item as a job of its own would be started, or `undefined` when it is not in this run.
 * @param startedAt by Temporal's clock. @format milliseconds since 1970
 */
export function readItem(input: GroupInput, item: number, startedAt: number): ItemStart | undefined {
  const carried = input.carried?.jobs.find(({ id }) => id.endsWith(`.${item}`));
  if (carried) return readCarried(carried, input.queue, startedAt);
  return item in input.items ? readNew(input.items[item], input, startedAt) : undefined;
}

function readCarried(job: JobRecord, queue: string, startedAt: number): ItemStart {
  const kind = kindOf(job.kind);
  const problem = problemWithRecord(job);
  const { input, problems } = readFields({ args: job.args }, startedAt);
  if (problem === undefined) return { kind, input: { ...input, queue, record: job }, problems: [] };
  return { kind, input: { ...input, queue }, problems: [problem, ...problems] };
}

function readNew(item: unknown, { queue, priority, kinds }: GroupInput, startedAt: number): ItemStart {
  if (!isObject(item)) return { kind: NO_KIND, ...readFields({ args: {} }, startedAt), problems: ['it is no object'] };
  const { kind, requestKey, queue: ownQueue, priority: ownPriority, travels, needs: _needs, ...fields } = item;
  const { input, problems } = readFields(fields, startedAt);
  const ofKind = kinds?.[kindOf(kind)];
  return {
    kind: kindOf(kind),
    // The table was checked with the group.
    input: { ...ofKind, ...input, travels: 'inGroups', queue, ...(priority !== undefined && { priority }) },
    // What it would mean to a newer version, this one cannot tell.
    problems: needsNewer(item)
      ? []
      : [
          ...(isKindName(kind) ? [] : [`kind is not usable: it must be ${KIND_NAME_RULE}`]),
          ...(ownQueue === undefined ? [] : ['queue cannot be given: it is the group’s']),
          ...(ownPriority === undefined ? [] : ['priority cannot be given: it is the group’s']),
          ...(travels === undefined ? [] : ['travels cannot be given: it is in a group']),
          ...(requestKey === undefined || typeof requestKey === 'string'
            ? []
            : ['requestKey is not usable: it must be text']),
          ...problems,
        ],
  };
}

/** What stands for a kind that is none: nothing can be called so. */
const NO_KIND = '(none)';

function kindOf(kind: unknown): string {
  return typeof kind === 'string' ? kind : NO_KIND;
}
