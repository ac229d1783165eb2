/**
 * A group's history as each of its jobs would have it: the same steps as those of a job with a workflow of its own, so that one fold
 * serves both.
 */
import type { LoadedDataConverter } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import type { ChunkReport } from '../../job/group/chunks.ts';
import { itemId, itemNumber, type GroupInput } from '../../job/group/groups.ts';
import type { AttemptEnd, Action, UntimedJobEvent } from '../../job/job-events.ts';
import { readChunkEnd, readProgressOfChunk } from '../../job/group/read-chunk-end.ts';
import { itemNumbers, readGroupStart, readItem } from '../../job/group/read-group-start.ts';
import { foldHistory, type JobHistory } from './fold-history.ts';
import { readGroupSteps } from './group-steps.ts';
import { lastTaskFailure } from '../stuck.ts';
import type { HistoryStep } from './history-steps.ts';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** What a group's history says that no job's does. `target`: an item's number, or all. Times are milliseconds since 1970. */
export type GroupStep =
  | Extract<HistoryStep, { type: 'taskStarted' | 'taskCompleted' | 'actionRefused' | 'closed' | 'continuedAsNew' }>
  | ({ readonly id: number; readonly at: number } & (
      | { readonly type: 'groupStarted'; readonly inputs: readonly unknown[] }
      | { readonly type: 'chunkOut'; readonly chunk: string; readonly items: readonly number[] }
      | { readonly type: 'chunkProgress'; readonly chunk: string; readonly report: ChunkReport }
      | { readonly type: 'chunkBack'; readonly chunk: string; readonly end: AttemptEnd | ChunkReport }
      | {
          readonly type: 'asked';
          readonly by: 'update' | 'signal';
          readonly target: number | undefined;
          readonly action: Action;
        }
      | { readonly type: 'cancelAsked'; readonly event: Extract<UntimedJobEvent, { type: 'cancelRequested' }> }
      | { readonly type: 'left'; readonly jobId: string }
    ));

export interface GroupHistory {
  readonly groupId: string;
  readonly input: GroupInput;
  readonly startedAt: number;
  /** Numbers of the jobs that this run has, or began with. */
  readonly items: readonly number[];
  readonly closedAt: number | undefined;
  /** How its newest workflow task failed, where it did. */
  readonly taskFailure: string | undefined;
  readonly nextRunId: string | undefined;
  /** The run that went on as this one. */
  readonly previousRunId: string | undefined;
  hasLeft(item: number): boolean;
  /** Activity id of the chunk that has this job now. */
  chunkOf(item: number): string | undefined;
  /** @returns `undefined` for a job that this run does not have */
  fold(item: number): JobHistory | undefined;
}

/** @returns `undefined` for a history that is no group's */
export async function readGroupHistory(
  groupId: string,
  events: readonly HistoryEvent[],
  converter: LoadedDataConverter,
): Promise<GroupHistory | undefined> {
  const steps = await readGroupSteps(events, converter);
  const [start] = steps;
  if (start?.type !== 'groupStarted') return undefined;
  const { input } = readGroupStart(groupId, start.inputs);
  const outs = new ChunksOut();
  const perItem = new Map<number, HistoryStep[]>();
  const left = new Set<number>();
  for (const step of asHeard(steps)) {
    if (step.type === 'left') left.add(itemNumber(groupId, step.jobId) ?? -1);
    else for (const [item, itemStep] of outs.read(step)) stepsOf(perItem, item).push(itemStep);
  }
  const end = steps.findLast((step) => step.type === 'closed' || step.type === 'continuedAsNew');
  const previous = events[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
  return {
    groupId,
    input,
    startedAt: start.at,
    items: itemNumbers(groupId, input),
    closedAt: end?.at,
    taskFailure: lastTaskFailure(events),
    nextRunId: end?.type === 'continuedAsNew' ? end.runId : undefined,
    previousRunId: previous || undefined,
    hasLeft: (item) => left.has(item),
    chunkOf: (item) => outs.chunkOf(item),
    fold(item) {
      const job = readItem(input, item, start.at);
      if (!job) return undefined;
      const started: HistoryStep = { type: 'started', id: start.id, at: start.at, ...job };
      const own = stepsOf(perItem, item);
      const common = stepsOf(perItem, EVERY_ITEM);
      return foldHistory(itemId(groupId, item), [started, ...merged(own, common)]);
    },
  };
}

/**
 * In the order in which the workflow hears of what came in since its last task: first messages, then how chunks ended. A chunk that was
 * given up, and a late word of the worker that still had it, may come together: the workflow takes that word.
 */
function asHeard(steps: readonly GroupStep[]): GroupStep[] {
  const heard: GroupStep[] = [];
  let ends: GroupStep[] = [];
  for (const step of steps) {
    if (step.type === 'chunkBack') {
      ends.push(step);
      continue;
    }
    if (step.type === 'taskCompleted') {
      heard.push(...ends);
      ends = [];
    }
    heard.push(step);
  }
  return [...heard, ...ends];
}

/** Where steps are kept that are the same for all. */
const EVERY_ITEM = -1;

function stepsOf(perItem: Map<number, HistoryStep[]>, item: number): HistoryStep[] {
  const steps = perItem.get(item) ?? [];
  perItem.set(item, steps);
  return steps;
}

/** Both are in the order of their events. */
function merged(a: readonly HistoryStep[], b: readonly HistoryStep[]): HistoryStep[] {
  return [...a, ...b].sort((one, other) => one.id - other.id);
}

/** Which jobs each chunk has, as the history goes on: what comes back is for those alone. */
class ChunksOut {
  readonly #items = new Map<string, Set<number>>();

  chunkOf(item: number): string | undefined {
    for (const [chunk, items] of this.#items) if (items.has(item)) return chunk;
    return undefined;
  }

  /** @returns the step as it is to each job that it is for */
  read(step: Exclude<GroupStep, { type: 'left' }>): (readonly [number, HistoryStep])[] {
    const { id, at } = step;
    switch (step.type) {
      case 'groupStarted':
        return [];
      case 'chunkOut':
        this.#items.set(step.chunk, new Set(step.items));
        return step.items.map((item) => [item, { id, at, type: 'acted', event: { type: 'attemptQueued' } }]);
      case 'chunkProgress':
        return this.#back(step, step.chunk, readProgressOfChunk(step.report));
      case 'chunkBack': {
        const steps = this.#back(step, step.chunk, readChunkEnd([...(this.#items.get(step.chunk) ?? [])], step.end));
        this.#items.delete(step.chunk);
        return steps;
      }
      case 'asked': {
        const type = step.by === 'update' ? 'actionAccepted' : 'signaled';
        return [[step.target ?? EVERY_ITEM, { id, at, type, action: step.action }]];
      }
      case 'cancelAsked':
        return [[EVERY_ITEM, { id, at, type: 'cameIn', event: step.event }]];
      default:
        return [[EVERY_ITEM, step]];
    }
  }

  #back(
    { id, at }: GroupStep,
    chunk: string,
    events: ReadonlyMap<number, UntimedJobEvent>,
  ): (readonly [number, HistoryStep])[] {
    const items = this.#items.get(chunk);
    const steps: [number, HistoryStep][] = [];
    for (const [item, event] of events) if (items?.delete(item)) steps.push([item, { id, at, type: 'cameIn', event }]);
    return steps;
  }
}
