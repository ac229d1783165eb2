/** A running group: its jobs, what is out with workers, and what happens to each job when it comes back. */
import type { SearchAttributeUpdatePair } from '@temporalio/common';
import { ApplicationFailure, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { type ChunkReport } from '../../../job/group/chunks.ts';
import { readChunkProgress } from '../../../job/group/read-chunk-report.ts';
import { BUDGETS } from '../../../contract/budgets.ts';
import { jsonBytes } from '../../../contract/clip.ts';
import { FAILURE } from '../../../contract/failures.ts';
import { NeedsNewerWorkerError } from '../../../contract/format.ts';
import {
  itemId,
  type GroupCarried,
  type GroupInput,
  type GroupSummary,
  type GroupView,
} from '../../../job/group/groups.ts';
import type { AttemptEnd, UntimedJobEvent } from '../../../job/job-events.ts';
import { dueAtOf, recordFromInput, stateOf, type JobRecord } from '../../../job/job-record.ts';
import { readChunkEnd, readProgressOfChunk } from '../../../job/group/read-chunk-end.ts';
import { itemNumbers, readGroupStart, readItem, type ItemStart } from '../../../job/group/read-group-start.ts';
import { JobDueAt, JobQueue, JobState } from '../../../contract/search-attributes.ts';
import { isListedWrongly } from '../listed-due-at.ts';
import { Chunk } from './chunk.ts';
import { Item, type ItemOrigin } from './item.ts';
import { dispatchWindow } from './dispatch-window.ts';
import { CHUNK_SIZE, GROUP_START_BYTES, WORTH_LISTING_MS } from '../decisions.ts';

export class Group implements ItemOrigin {
  readonly id: string;
  readonly queue: string;
  readonly priority: number | undefined;
  readonly #items = new Map<number, Item>();
  readonly #chunks = new Map<string, Chunk>();
  readonly #input: GroupInput;
  readonly #createdAt: number;
  /** Those that are no longer here, by how they ended. */
  #over: GroupSummary;
  isCancelled = false;
  #chunkCount: number;
  #chunkSize: number;
  #version = 0;
  readonly #share = Math.random();
  /** Workflows are started with the time at which their first job is due. */
  #listed: { readonly isPaused: boolean; readonly dueAt: number | undefined };

  /** @throws {ApplicationFailure} `GroupInvalid`, saying what is wrong with the input */
  constructor(inputs: readonly unknown[]) {
    const { workflowId, startTime, typedSearchAttributes: listed, historySize } = workflowInfo();
    const { input, problem, needsNewer } = readGroupStart(workflowId, inputs);
    if (needsNewer) throw new NeedsNewerWorkerError(`group ${workflowId}`);
    if (problem !== undefined) throw groupInvalid(problem);
    if (!input.carried && historySize > GROUP_START_BYTES)
      throw groupInvalid(`its jobs weigh more than the ${GROUP_START_BYTES} bytes that are possible together`);
    this.id = workflowId;
    this.#input = input;
    this.#createdAt = startTime.getTime();
    this.queue = input.queue;
    this.priority = input.priority;
    this.#over = input.carried?.summary ?? {};
    this.#chunkCount = input.carried?.chunks ?? 0;
    this.#chunkSize = input.carried?.chunkSize ?? CHUNK_SIZE;
    for (const number of itemNumbers(workflowId, input)) this.#addItem(number);
    const listedDueAt = listed.get(JobDueAt)?.getTime();
    const dueAt = this.nextDueAt() ?? listedDueAt ?? Date.now();
    this.#listed = { isPaused: listed.get(JobState) === 'paused', dueAt };
    // Started past our client, say by Temporal's CLI, or by a clock that is wrong: lists do not know of it yet.
    if (isListedWrongly(listedDueAt, dueAt))
      upsertSearchAttributes([
        { key: JobQueue, value: this.queue },
        { key: JobDueAt, value: new Date(dueAt) },
      ]);
  }

  /** Changes with everything that the group's loop has to look at. */
  get version(): number {
    return this.#version;
  }

  touch(): void {
    this.#version += 1;
  }

  get open(): Item[] {
    return [...this.#items.values()].filter(({ isOpen }) => isOpen);
  }

  get leaving(): Item[] {
    return this.open.filter(({ shouldLeave }) => shouldLeave);
  }

  get haveAllLeft(): boolean {
    return ![...this.#items.values()].some(({ isLeaving }) => isLeaving);
  }

  get isIdle(): boolean {
    return this.#chunks.size === 0;
  }

  /** @returns one that is here, or on its way out */
  find(number: number): Item | undefined {
    return this.#items.get(number);
  }

  /** @throws {ApplicationFailure} `JobLeftGroup` or `JobNotInGroup` */
  item(number: unknown): Item {
    const item = typeof number === 'number' ? this.find(number) : undefined;
    if (!item) throw notInGroup(this.id, number);
    if (item.leaving) {
      const message = `job ${item.record.id} has left its group: it is a workflow of its own, with this id`;
      throw ApplicationFailure.create({ type: FAILURE.leftGroup, message, nonRetryable: true });
    }
    return item;
  }

  /** Jobs whose time has come, or nearly, earliest first. */
  due(now: number): Item[] {
    const waiting = this.#waiting;
    const outlook = dispatchWindow(dueTimesOf(waiting), now, this.#share);
    if (!outlook || now < outlook.handOutAt) return [];
    return waiting.filter(({ dueAt }) => dueAt <= outlook.until).sort((a, b) => a.dueAt - b.dueAt);
  }

  /** As chunks that go out now. */
  handOut(due: readonly Item[]): Chunk[] {
    return inPiecesOf(this.#chunkSize, due).map((items) => {
      this.#chunkCount += 1;
      const chunk = new Chunk(`chunk-${this.#chunkCount}`, items);
      this.#chunks.set(chunk.id, chunk);
      for (const item of items) item.handOut(chunk);
      return chunk;
    });
  }

  /** Jobs with a long story, which the next run would have to be told: they leave. */
  partWithHeavy(): void {
    for (const item of this.open)
      if (jsonBytes({ ...item.record, args: undefined }) > BUDGETS.recordInGroup) item.part();
  }

  /** When to look at what is {@link due} next, if nothing happens before. */
  nextHandOutAt(now: number): number | undefined {
    return dispatchWindow(dueTimesOf(this.#waiting), now, this.#share)?.handOutAt;
  }

  nextDueAt(): number | undefined {
    let next: number | undefined;
    for (const { isWaiting, dueAt } of this.#items.values())
      if (isWaiting && (next === undefined || dueAt < next)) next = dueAt;
    return next;
  }

  recordOf(number: number): JobRecord {
    return this.#recordFrom(number, this.#startOf(number));
  }

  #recordFrom(number: number, { kind, input, problems }: ItemStart): JobRecord {
    return recordFromInput(itemId(this.id, number), kind, this.#createdAt, input, problems);
  }

  #startOf(number: number): ItemStart {
    const start = readItem(this.#input, number, this.#createdAt);
    if (!start) throw notInGroup(this.id, number);
    return start;
  }

  #addItem(number: number): void {
    const start = this.#startOf(number);
    const { input, problems } = start;
    const item = new Item(this, number, dueAtOf(input, this.#createdAt));
    this.#items.set(number, item);
    // Dead from the start, or as the run before left it: not one that only waits for its time. One that is due goes out at once, and would
    // be read again for that.
    if (problems.length > 0 || input.record || item.dueAt <= Date.now()) item.wake(this.#recordFrom(number, start));
  }

  get #waiting(): Item[] {
    return [...this.#items.values()].filter(({ isWaiting }) => isWaiting);
  }

  /** @param sent of a signal, so of anybody */
  hearProgress(sent: unknown): void {
    const { chunk: id = '', report } = readChunkProgress(sent) ?? {};
    const chunk = this.#chunks.get(id);
    if (!chunk || !report) return;
    chunk.hear(report);
    for (const [number, event] of readProgressOfChunk(report)) this.#back(chunk, number, event);
    this.touch();
  }

  chunkEnded(chunk: Chunk, end: AttemptEnd | ChunkReport): void {
    this.#chunks.delete(chunk.id);
    for (const [number, event] of readChunkEnd([...chunk.items.keys()], end)) this.#back(chunk, number, event);
    // Like a sender that feels its way to what the line takes: workers that had no room get less at a time.
    // Who had no room at all says nothing of how fast the jobs are.
    if (chunk.returned > 0) this.#chunkSize = chunk.size - chunk.returned || this.#chunkSize;
    else if (!('as' in end) && chunk.size === this.#chunkSize)
      this.#chunkSize = Math.min(CHUNK_SIZE, this.#chunkSize * 2);
    this.touch();
  }

  /** Which of a chunk's begun attempts are to stop. */
  toAbort(chunkId: string): number[] {
    const items = this.#chunks.get(chunkId)?.items.values() ?? [];
    return [...items].filter(({ record }) => record.cancelRequested).map(({ number }) => number);
  }

  /** All of it: its workflow then ends as cancelled. */
  cancel(): void {
    this.isCancelled = true;
    for (const item of this.open) item.cancel();
    this.touch();
  }

  get summary(): GroupSummary {
    return this.#overAnd([...this.#items.values()]);
  }

  /** What has ended is counted here, and can be read out of the history: to keep it would be most of a worker's memory. */
  forgetEnded(): void {
    const ended = [...this.#items.values()].filter(({ isOpen, leaving }) => !isOpen && !leaving);
    this.#over = this.#overAnd(ended);
    for (const { number } of ended) this.#items.delete(number);
  }

  /** Upserts what lists show of the group, where a person would see the difference. */
  list(): void {
    const open = this.open;
    const isPaused = open.length > 0 && open.every(({ record }) => record.paused);
    const nextDueAt = this.isIdle ? this.nextDueAt() : undefined;
    const changes: SearchAttributeUpdatePair[] = [];
    if (isPaused !== this.#listed.isPaused) changes.push({ key: JobState, value: isPaused ? 'paused' : null });
    if (nextDueAt !== undefined && nextDueAt !== this.#listed.dueAt && nextDueAt - Date.now() > WORTH_LISTING_MS)
      changes.push({ key: JobDueAt, value: new Date(nextDueAt) });
    if (changes.length === 0) return;
    upsertSearchAttributes(changes);
    this.#listed = { isPaused, dueAt: nextDueAt ?? this.#listed.dueAt };
  }

  get view(): GroupView {
    return { id: this.id, queue: this.queue, counts: this.summary };
  }

  /** For the next run; call it when nothing is out. */
  get carried(): GroupCarried {
    const jobs = this.open.map(({ record }) => record);
    const summary = this.#overAnd([...this.#items.values()].filter(({ isOpen }) => !isOpen));
    return { jobs, chunks: this.#chunkCount, chunkSize: this.#chunkSize, summary };
  }

  #overAnd(items: readonly Item[]): GroupSummary {
    const counts: Record<string, number> = { ...this.#over };
    for (const item of items) {
      const as = item.leaving ? 'left' : stateOf(item.record);
      counts[as] = (counts[as] ?? 0) + 1;
    }
    return counts;
  }

  #back(chunk: Chunk, number: number, event: UntimedJobEvent): void {
    const item = chunk.items.get(number);
    if (!item) return;
    chunk.items.delete(number);
    if (event.type === 'attemptReturned' && !event.death) chunk.returned += 1;
    item.back(event);
  }
}

function groupInvalid(message: string): ApplicationFailure {
  return ApplicationFailure.create({ type: FAILURE.groupInvalid, message, nonRetryable: true });
}

function notInGroup(groupId: string, number: unknown): ApplicationFailure {
  const message = `group ${groupId} has no job ${typeof number === 'number' ? number : 'by what was given'} that is still to do`;
  return ApplicationFailure.create({ type: FAILURE.notInGroup, message, nonRetryable: true });
}

function dueTimesOf(items: readonly Item[]): number[] {
  return items.map(({ dueAt }) => dueAt);
}

function inPiecesOf<T>(size: number, all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, piece) =>
    all.slice(piece * size, (piece + 1) * size),
  );
}
