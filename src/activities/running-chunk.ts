/**
 * A chunk in the hands of a worker: begins its jobs as slots are free, and gives back at once what it does not get to, so that no
 * job waits here for another that is slow, or while its worker stops.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '@temporalio/activity';
import { attemptEndFromError, attemptTimedOut } from '../contract/attempt-end.ts';
import {
  attemptOf,
  itemEndOf,
  shortened,
  type ChunkInput,
  type ChunkItem,
  type ChunkReport,
  type ItemEnd,
} from '../contract/chunks.ts';
import type { AttemptEnd } from '../contract/job-events.ts';
import { jobKind, type JobKind } from '../contract/job-kinds.ts';
import type { AttemptReport } from '../contract/job.ts';
import type { ActivityDependencies, Handler, Handlers } from './attempt.ts';
import type { ChunkLine } from './chunk-line.ts';
import { EndsToTell } from './ends-to-tell.ts';
import { runHandler } from './run-handler.ts';
import type { Slots } from './slots.ts';

/** All that could not begin within this time goes back, to whichever worker has room. @format milliseconds */
const BEGIN_ALL_WITHIN_MS = 500;
/** So long does the next job wait for a slot before it goes back, and with it all that come after. @format milliseconds */
const BEGIN_NEXT_WITHIN_MS = 50;
/** What the group has to act on is told after this time, if other jobs of the chunk still run. @format milliseconds */
const TELL_AFTER_MS = 100;
/** That jobs are done is told after this time, in which most chunks end: heartbeats have told whoever looks. @format milliseconds */
const TELL_DONE_AFTER_MS = 30_000;
const LOOK_AGAIN_AFTER_MS = 1_000;

interface Begun {
  readonly startedAt: number;
  readonly abort: AbortController;
  progress: AttemptReport['progress'];
}

export interface ChunkDependencies {
  readonly handlers: Handlers;
  readonly deps: ActivityDependencies;
  readonly slots: Slots;
  readonly context: Context;
  readonly line: ChunkLine;
  /** Called whenever the report has changed. */
  readonly onChange: () => void;
}

export class RunningChunk {
  readonly #input: ChunkInput;
  readonly #with: ChunkDependencies;
  readonly #startedAt = Date.now();
  /** Nothing more begins: the group wants its jobs back, or the worker stops. */
  readonly #calledOff: AbortSignal;
  readonly #begun = new Map<number, Begun>();
  readonly #ended = new EndsToTell();
  #returned: number[] = [];
  /** Of its queue. If the queue got its limit while the chunk waited for its time, the limit has let none of it through. */
  readonly #cameWithinLimit: boolean;
  /** When there is news to tell. @format milliseconds since 1970 */
  #tellAt: number | undefined;
  #change = Promise.withResolvers<void>();

  constructor(input: ChunkInput, dependencies: ChunkDependencies) {
    this.#input = input;
    this.#with = dependencies;
    const { context, deps } = dependencies;
    const signals = [context.cancellationSignal, ...(deps.stopping ? [deps.stopping] : [])];
    this.#calledOff = AbortSignal.any(signals);
    this.#cameWithinLimit = this.#isPaced();
  }

  /** @returns what no earlier report has said */
  async run(): Promise<ChunkReport> {
    const { context } = this.#with;
    const over = new AbortController();
    const calledBack = (): void => void this.#obey(over.signal);
    const { graceOver } = this.#with.deps;
    context.cancellationSignal.addEventListener('abort', calledBack, { once: true });
    graceOver?.addEventListener('abort', this.#abortAll, { once: true });
    try {
      let isBeginning = true;
      const beginning = this.#beginAll().finally(() => {
        isBeginning = false;
        this.#notify();
      });
      const isUnderWay = (): boolean => isBeginning || this.#begun.size > 0;
      while (isUnderWay()) {
        await this.#changed();
        if (isUnderWay() && Date.now() >= (this.#tellAt ?? Infinity)) await this.#tell();
      }
      await beginning;
      await this.#tellAhead(over.signal);
      return this.#report(this.#ended.all);
    } finally {
      over.abort();
      context.cancellationSignal.removeEventListener('abort', calledBack);
      graceOver?.removeEventListener('abort', this.#abortAll);
    }
  }

  /** As heartbeats and the keeper carry it. */
  get report(): ChunkReport {
    return this.#report(this.#ended.isTooMuchForOnePart ? [] : this.#ended.all);
  }

  async #beginAll(): Promise<void> {
    const { slots, context } = this.#with;
    const last = this.#input.items.at(-1);
    const until = Math.max(Date.now(), last ? this.#timeOf(last) : 0) + BEGIN_ALL_WITHIN_MS;
    let next = 0;
    for (const item of this.#input.items) {
      await this.#untilDue(item);
      if (this.#isOver(until)) break;
      const slot = slots.tryTake() ?? (await slots.take(context.info.priority?.priorityKey, this.#noSlotInTime()));
      if (!slot) break;
      // While it waited.
      if (this.#isOver(until)) {
        slot.release();
        break;
      }
      next += 1;
      this.#begin(item, () => slot.release());
    }
    this.#returned = this.#input.items.slice(next).map(({ item }) => item);
    if (this.#returned.length > 0) this.#noteNews();
  }

  /** A group hands its jobs out a moment early, so that they start on time. */
  async #untilDue(item: ChunkItem): Promise<void> {
    const dueAt = this.#timeOf(item);
    // A timer may fire a moment early.
    while (Date.now() < dueAt && !this.#calledOff.aborted)
      await this.#with.slots.whileResting(quietSleep(dueAt - Date.now(), this.#calledOff));
  }

  #timeOf({ dueAt = this.#input.dueAt }: ChunkItem): number {
    // The clock of this machine may be behind the server's.
    return Math.min(dueAt, this.#startedAt + Math.max(0, dueAt - this.#input.handedOutAt));
  }

  #isOver(until: number): boolean {
    const mayBeginOne = this.#cameWithinLimit && this.#begun.size + this.#ended.all.length === 0;
    return this.#calledOff.aborted || Date.now() > until || (!mayBeginOne && this.#isPaced());
  }

  /** A queue with a limit of its own lets one activity through at a time, so each may begin one job only. */
  #isPaced(): boolean {
    return this.#with.deps.isPaced?.(this.#input.queue) === true;
  }

  #noSlotInTime(): AbortSignal {
    return AbortSignal.any([this.#calledOff, AbortSignal.timeout(BEGIN_NEXT_WITHIN_MS)]);
  }

  #begin(item: ChunkItem, release: () => void): void {
    const begun: Begun = { startedAt: Date.now(), abort: new AbortController(), progress: undefined };
    this.#begun.set(item.item, begun);
    const timeoutMs = jobKind(item.kind ?? this.#input.kind)?.attemptTimeoutMs ?? 0;
    // What handlers do after that is theirs; as with a job of its own, nobody waits for it, and it keeps its slot.
    const timer = setTimeout(() => {
      const report = { startedAt: begun.startedAt, endedAt: Date.now(), worker: this.#with.deps.worker };
      this.#end(item.item, attemptTimedOut(report));
      begun.abort.abort();
    }, timeoutMs);
    const attempt = async (): Promise<void> => {
      const end = await this.#attempt(item, begun);
      clearTimeout(timer);
      release();
      this.#end(item.item, end);
    };
    void attempt();
    this.#with.onChange();
  }

  async #attempt(item: ChunkItem, begun: Begun): Promise<AttemptEnd> {
    const { handlers, deps, context } = this.#with;
    const input = attemptOf(this.#input, item);
    try {
      const report = await runHandler({
        // The handler of the item's own kind takes its arguments, and checks them again.
        handler: handlers[input.kind] as Handler<JobKind>,
        input,
        deps,
        startedAt: begun.startedAt,
        signal: begun.abort.signal,
        workerStops: () => context.cancellationDetails?.workerShutdown === true || deps.graceOver?.aborted === true,
        onProgress: ({ progress }) => {
          // Its time was up: nobody listens any more.
          if (this.#begun.get(item.item) !== begun) return;
          begun.progress = progress;
          this.#with.onChange();
        },
      });
      return { as: 'done', report };
    } catch (error) {
      return attemptEndFromError(error);
    }
  }

  #end(item: number, end: AttemptEnd): void {
    if (!this.#begun.delete(item)) return;
    this.#ended.add(itemEndOf(item, end));
    const canWait = end.as === 'done' && !this.#ended.isTooMuchForOnePart;
    this.#noteNews(canWait ? TELL_DONE_AFTER_MS : TELL_AFTER_MS);
  }

  /** The group calls the chunk back when somebody asks something of one of its jobs; its worker may stop for good, or the server give it up. */
  async #obey(over: AbortSignal): Promise<void> {
    const { context, line } = this.#with;
    if (context.cancellationDetails?.workerShutdown === true || this.#isGivenUp) {
      this.#abortAll();
      return;
    }
    this.#noteNews();
    while (!over.aborted) {
      for (const item of (await line.wishes())?.abort ?? []) this.#begun.get(item)?.abort.abort();
      await quietSleep(LOOK_AGAIN_AFTER_MS, over);
    }
  }

  readonly #abortAll = (): void => {
    for (const { abort } of this.#begun.values()) abort.abort();
  };

  #noteNews(tellAfterMs = TELL_AFTER_MS): void {
    this.#tellAt = Math.min(this.#tellAt ?? Infinity, Date.now() + tellAfterMs);
    this.#notify();
  }

  async #tell(): Promise<void> {
    this.#tellAt = undefined;
    for (const part of this.#ended.parts()) if (!(await this.#tellPart(part))) this.#noteNews();
  }

  /** The chunk's result holds one part: the group has to have heard of the others before. */
  async #tellAhead(over: AbortSignal): Promise<void> {
    for (
      let [part, ...others] = this.#ended.parts();
      part && others.length > 0;
      [part, ...others] = this.#ended.parts()
    )
      if (!(await this.#tellPart(part))) {
        if (this.#isGivenUp) return;
        await quietSleep(TELL_AFTER_MS, over);
      }
  }

  /** @returns whether the group has heard it */
  async #tellPart(part: readonly ItemEnd[]): Promise<boolean> {
    const returned = this.#returned;
    const isHeard = await this.#with.line.tell(this.#report(part, returned));
    if (isHeard) this.#forget(part, returned);
    return isHeard;
  }

  /** The server waits no longer for this chunk: its jobs run elsewhere. */
  get #isGivenUp(): boolean {
    const { cancellationDetails } = this.#with.context;
    return cancellationDetails?.notFound === true || cancellationDetails?.timedOut === true;
  }

  #forget(ended: readonly ItemEnd[], returned: readonly number[]): void {
    this.#ended.forget(ended);
    this.#returned = this.#returned.filter((item) => !returned.includes(item));
    this.#with.onChange();
  }

  #report(ended: readonly ItemEnd[], returned: readonly number[] = this.#returned): ChunkReport {
    const begun = [...this.#begun].map(([item, { startedAt, progress }]) => ({
      item,
      startedAt,
      progress,
    }));
    const { worker } = this.#with.deps;
    return { startedAt: this.#startedAt, worker, ...shortened(ended, this.#startedAt), begun, returned };
  }

  #notify(): void {
    this.#change.resolve();
    this.#with.onChange();
  }

  /** The next end of an attempt, or the time to tell. */
  async #changed(): Promise<void> {
    // A plain timer: one that an abort ends makes an error each time, and this runs as often as jobs end.
    const tell = this.#tellAt === undefined ? undefined : setTimeout(this.#change.resolve, this.#tellAt - Date.now());
    await this.#change.promise;
    clearTimeout(tell);
    this.#change = Promise.withResolvers();
  }
}

async function quietSleep(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(Math.max(0, ms), undefined, { signal }).catch(() => undefined);
}
