/**
 * A group's start as it came, checked like a job's: by the workflow and by the web's fold of its history. An item that is not usable is
 * dead alone; only what is no group at all takes all of it along.
 */
import { FIELD_CHECKS, isObject, isPriority, isWholeNumber } from '../field-checks.ts';
import {
  itemAddress,
  itemNumber,
  travelsInGroups,
  type GroupCarried,
  type GroupInput,
  type GroupSummary,
} from './groups.ts';
import { isJobKind } from '../../contract/job-kinds.ts';
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
}

/** @param inputs all that the workflow was started with: one, if all is well */
export function readGroupStart(groupId: string, inputs: readonly unknown[]): GroupStart {
  const [input] = inputs;
  const { queue, priority, items, carried } = isObject(input) ? input : {};
  return {
    problem: isObject(input)
      ? problemWith(groupId, { queue, priority, items, carried })
      : 'a group takes an object with queue and items',
    input: {
      queue: typeof queue === 'string' ? queue : 'unknown',
      ...(isPriority(priority) && { priority }),
      items: Array.isArray(items) ? items.slice(0, LIMITS.groupItems) : [],
      ...(isCarried(groupId, carried) && { carried }),
    },
  };
}

function problemWith(
  groupId: string,
  { queue, priority, items, carried }: Readonly<Record<keyof GroupInput, unknown>>,
): string | undefined {
  if (!FIELD_CHECKS.queue.isUsable(queue, 0)) return `queue is not usable: it must be ${FIELD_CHECKS.queue.mustBe}`;
  if (priority !== undefined && !isPriority(priority))
    return `priority is not usable: it must be ${FIELD_CHECKS.priority.mustBe}`;
  if (!Array.isArray(items)) return 'items is not usable: it must be a list of jobs';
  if (items.length > LIMITS.groupItems) return `items has ${items.length} jobs, and ${LIMITS.groupItems} are possible`;
  if (carried !== undefined && !isCarried(groupId, carried))
    return 'carried is not usable: only a group that goes on from an earlier run has it';
  return undefined;
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

function readNew(item: unknown, { queue, priority }: GroupInput, startedAt: number): ItemStart {
  if (!isObject(item))
    return { kind: 'unknown', ...readFields({ args: {} }, startedAt), problems: ['it is no object'] };
  const { kind, requestKey, queue: ownQueue, priority: ownPriority, ...fields } = item;
  const { input, problems } = readFields(fields, startedAt);
  return {
    kind: kindOf(kind),
    input: { ...input, queue, ...(priority !== undefined && { priority }) },
    problems: [
      ...problemsWithKind(kind),
      ...(ownQueue === undefined ? [] : ['queue cannot be given: it is the group’s']),
      ...(ownPriority === undefined ? [] : ['priority cannot be given: it is the group’s']),
      ...(requestKey === undefined || typeof requestKey === 'string'
        ? []
        : ['requestKey is not usable: it must be text']),
      ...problems,
    ],
  };
}

function problemsWithKind(kind: unknown): string[] {
  if (typeof kind !== 'string' || !isJobKind(kind)) return ['kind is not usable: it must name a kind of job'];
  return travelsInGroups(kind) ? [] : [`kind is not usable: a ${kind} travels alone, and does so when it is retried`];
}

function kindOf(kind: unknown): string {
  return typeof kind === 'string' ? kind : 'unknown';
}
