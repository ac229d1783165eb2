/** Reads a group's events as what they mean to its jobs. */
import type { LoadedDataConverter } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import { readChunkProgress, readChunkResult, type ChunkReport } from '../../job/group/chunks.ts';
import { isObject } from '../../job/field-checks.ts';
import { isGroupAction } from '../../job/actions.ts';
import { GROUP_WORKFLOW } from '../../job/group/groups.ts';
import type { Action, AttemptEnd, UntimedJobEvent } from '../../job/job-events.ts';
import { readNumbers } from '../../job/read-report.ts';
import { decodeList, timeOf } from './decode.ts';
import {
  readActionIfAny,
  readActivityEnd,
  readCancelRequest,
  readTaskOrClose,
  type HistoryStep,
} from './history-steps.ts';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
type Decode = (payloads: temporal.api.common.v1.IPayloads | null | undefined) => Promise<unknown[]>;
/** What a group's history says that no job's does. `target`: an item's number, or all. Times are milliseconds since 1970. */
export type GroupStep =
  | Extract<
      HistoryStep,
      { type: 'taskStarted' | 'taskCompleted' | 'taskFailed' | 'actionRefused' | 'closed' | 'continuedAsNew' }
    >
  | ({ readonly id: number; readonly at: number } & (
      | {
          readonly type: 'groupStarted';
          readonly inputs: readonly unknown[];
          /** The run that went on as this one. */
          readonly previousRunId: string | undefined;
        }
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

type StepBody = GroupStep extends infer S ? (S extends unknown ? Omit<S, 'id' | 'at'> : never) : never;

/** Reads one event after the other: how a chunk ended tells which one that was only by the event that sent it out. */
export class GroupStepReader {
  readonly #converter: LoadedDataConverter;
  readonly #decode: Decode;
  /** Activity ids, by the events that scheduled them. */
  readonly #chunks = new Map<number, string>();

  constructor(converter: LoadedDataConverter) {
    this.#converter = converter;
    this.#decode = async (payloads) => decodeList(converter, payloads);
  }

  /** @returns `undefined` for an event that means nothing to a group */
  async read(event: HistoryEvent): Promise<GroupStep | undefined> {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) this.#chunks.set(Number(event.eventId), scheduled.activityId ?? '');
    const body =
      (await readStart(event, this.#decode)) ??
      (await readChunk(event, this.#chunks, this.#converter, this.#decode)) ??
      (await readMessage(event, this.#decode)) ??
      readTaskOrClose(event);
    return body && { ...body, id: Number(event.eventId), at: timeOf(event.eventTime) };
  }
}

async function readStart(event: HistoryEvent, decode: Decode): Promise<StepBody | undefined> {
  const started = event.workflowExecutionStartedEventAttributes;
  if (started?.workflowType?.name !== GROUP_WORKFLOW) return undefined;
  const previousRunId = started.continuedExecutionRunId || undefined;
  return { type: 'groupStarted', inputs: await decode(started.input), previousRunId };
}

async function readChunk(
  event: HistoryEvent,
  chunks: ReadonlyMap<number, string>,
  converter: LoadedDataConverter,
  decode: Decode,
): Promise<StepBody | undefined> {
  const scheduled = event.activityTaskScheduledEventAttributes;
  if (scheduled) {
    const [input] = await decode(scheduled.input);
    return { type: 'chunkOut', chunk: scheduled.activityId ?? '', items: itemsOf(input) };
  }
  const completed = event.activityTaskCompletedEventAttributes;
  const ended =
    completed ??
    event.activityTaskCanceledEventAttributes ??
    event.activityTaskFailedEventAttributes ??
    event.activityTaskTimedOutEventAttributes;
  const chunk = chunks.get(Number(ended?.scheduledEventId)) ?? '';
  if (completed) {
    const [result] = await decode(completed.result);
    return { type: 'chunkBack', chunk, end: readChunkResult(result) };
  }
  const end = await readActivityEnd(event, converter, decode);
  return end && { type: 'chunkBack', chunk, end };
}

/** Numbers of the jobs that went out with a chunk. */
function itemsOf(chunk: unknown): number[] {
  const items = isObject(chunk) && Array.isArray(chunk['items']) ? chunk['items'] : [];
  return readNumbers(items.map((item: unknown) => (isObject(item) ? item['item'] : undefined)));
}

async function readMessage(event: HistoryEvent, decode: Decode): Promise<StepBody | undefined> {
  const accepted = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input;
  if (accepted) return asked('update', accepted.name, await decode(accepted.args));
  const signal = event.workflowExecutionSignaledEventAttributes;
  if (signal?.signalName === 'chunkProgress') {
    const [sent] = await decode(signal.input);
    const news = readChunkProgress(sent);
    return news && { type: 'chunkProgress', ...news };
  }
  if (signal) return asked('signal', signal.signalName, await decode(signal.input));
  const cancel = readCancelRequest(event);
  if (cancel) return { type: 'cancelAsked', event: cancel };
  const child = event.startChildWorkflowExecutionInitiatedEventAttributes;
  return child ? { type: 'left', jobId: child.workflowId ?? '' } : undefined;
}

function asked(by: 'update' | 'signal', name: string | null | undefined, args: unknown[]): StepBody | undefined {
  const [message, target] = args;
  const action = readActionIfAny(name, [message]);
  if (!action) return undefined;
  if (typeof target === 'number') return { type: 'asked', by, target, action };
  // A target that is neither a number nor nothing is nobody's, and some actions are never for all.
  const isForAll = (target === undefined || target === null) && isGroupAction(action.type) && action.type !== 'cancel';
  return isForAll ? { type: 'asked', by, target: undefined, action } : undefined;
}
