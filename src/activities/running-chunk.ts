/**
 * A chunk in the hands of a worker: begins its jobs as slots are free, and gives back at once what it does not get to, so that no
 * job waits here for another that is slow, or while its worker stops.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '@temporalio/activity';
import {
  attemptOf,
  itemEndOf,
  shortened,
  type ChunkInput,
  type ChunkItem,
  type ChunkReport,
  type ItemEnd,
} from '../job/group/chunks.ts';
import type { AttemptEnd } from '../job/job-events.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { GroupChannel } from './group-channel.ts';
import { UnreportedEnds } from './unreported-ends.ts';
import { ItemInHand, type ItemOwner } from './item-in-hand.ts';
import type { AbortReason } from './runners.ts';
import type { ServerClock } from './server-clock.ts';
import type { Slot, Slots } from './slots.ts';

/** All that could not begin within this time goes back, to whichever worker has room. @format milliseconds */
const BEGIN_ALL_WITHIN_MS = 500;
/** So long does the next job wait for a slot before it goes back, and with it all that come after: a handler's way there and back on a busy machine. @format milliseconds */
const BEGIN_NEXT_WITHIN_MS = 100;
/** What the group has to act on is told after this time, if other jobs of the chunk still run. @format milliseconds */
const TELL_AFTER_MS = 100;
/** That jobs are done is told after this time, in which most chunks end: heartbeats have told the pages. @format milliseconds */
const TELL_DONE_AFTER_MS = 30_000;
const LOOK_AGAIN_AFTER_MS = 1_000;

export interface ChunkDependencies {
  readonly deps: ActivityDependencies;
  readonly slots: Slots;
  readonly serverClock: ServerClock;
  readonly context: Context;
  readonly line: GroupChannel;
}

export class RunningChunk implements ItemOwner {
  readonly #input: ChunkInput;
  readonly #with: ChunkDependencies;
  readonly #startedAt = Date.now();
  /** Nothing more begins: the group wants its jobs back, or the worker stops. */
  readonly #calledOff: AbortSignal;
  readonly #inHand = new Map<number, ItemInHand>();
  readonly #ended = new UnreportedEnds();
  #returned: number[] = [];
  /** On its way to the group. Where Temporal did not answer it goes again as it was, under its id, so that it is taken once. */
  #message:
    { readonly id: string; readonly ended: readonly ItemEnd[]; readonly returned: readonly number[] } | undefined;
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
    graceOver?.addEventListener('abort', this.#stopAll, { once: true });
    try {
      let isBeginning = true;
      const beginning = this.#beginAll().finally(() => {
        isBeginning = false;
        this.#change.resolve();
      });
      const isUnderWay = (): boolean => isBeginning || this.#inHand.size > 0;
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
      graceOver?.removeEventListener('abort', this.#stopAll);
    }
  }

  /** As heartbeats carry it. */
  get report(): ChunkReport {
    return this.#report(this.#ended.isTooMuchForOnePart ? [] : this.#ended.all);
  }

  async #beginAll(): Promise<void> {
    const { slots, context } = this.#with;
    const priority = context.info.priority?.priorityKey;
    const last = this.#input.items.at(-1);
    const until = performance.now() + Math.max(0, last ? this.#dueIn(last) : 0) + BEGIN_ALL_WITHIN_MS;
    let next = 0;
    for (const item of this.#input.items) {
      await this.#untilDue(item);
      if (this.#isOver(until)) break;
      const turn = { priority, signal: this.#calledOff, withinMs: BEGIN_NEXT_WITHIN_MS };
      const slot = slots.tryTake() ?? (await slots.take(turn));
      if (!slot) break;
      // While it waited.
      if (this.#isOver(until)) {
        slot.release();
        break;
      }
      next += 1;
      this.#begin(item, slot);
    }
    this.#returned = this.#input.items.slice(next).map(({ item }) => item);
    if (this.#returned.length > 0) this.#noteProgress();
  }

  /** A group hands its jobs out a moment early, so that they start on time. */
  async #untilDue(item: ChunkItem): Promise<void> {
    // A timer may fire a moment early, and the server's clock be known better meanwhile.
    for (let waits = this.#dueIn(item); waits > 0 && !this.#calledOff.aborted; waits = this.#dueIn(item))
      await this.#with.slots.whileResting(quietSleep(Math.ceil(waits), this.#calledOff));
  }

  /** By the server's clock, whatever this machine's says. */
  #dueIn({ dueAt = this.#input.dueAt }: ChunkItem): number {
    return this.#with.serverClock.until(dueAt);
  }

  /** @param until by this machine's monotonic clock */
  #isOver(until: number): boolean {
    const mayBeginOne = this.#cameWithinLimit && this.#inHand.size + this.#ended.all.length === 0;
    return this.#calledOff.aborted || performance.now() > until || (!mayBeginOne && this.#isPaced());
  }

  /** A queue with a limit of its own lets one activity through at a time, so each may begin one job only. */
  #isPaced(): boolean {
    return this.#with.deps.isPaced?.(this.#input.queue) === true;
  }

  #begin(item: ChunkItem, slot: Slot): void {
    const { runners } = this.#with.deps;
    this.#inHand.set(item.item, new ItemInHand(item.item, attemptOf(this.#input, item), slot, this, runners));
  }

  ended({ number }: ItemInHand, end: AttemptEnd): void {
    this.#inHand.delete(number);
    this.#ended.add(itemEndOf(number, end));
    const canWait = end.as === 'done' && !this.#ended.isTooMuchForOnePart;
    this.#noteProgress(canWait ? TELL_DONE_AFTER_MS : TELL_AFTER_MS);
  }

  /** The group calls the chunk back when somebody asks something of one of its jobs; its worker may stop for good, or the server give it up. */
  async #obey(over: AbortSignal): Promise<void> {
    const { context, line } = this.#with;
    if (context.cancellationDetails?.workerShutdown === true) return this.#stopAll();
    if (this.#isGivenUp) return this.#abortAll('cancelled');
    this.#noteProgress();
    while (!over.aborted) {
      for (const item of (await line.cancellations())?.abort ?? []) this.#inHand.get(item)?.abort('cancelled');
      await quietSleep(LOOK_AGAIN_AFTER_MS, over);
    }
  }

  readonly #stopAll = (): void => this.#abortAll('stopped');

  #abortAll(why: AbortReason): void {
    for (const item of this.#inHand.values()) item.abort(why);
  }

  #noteProgress(tellAfterMs = TELL_AFTER_MS): void {
    this.#tellAt = Math.min(this.#tellAt ?? Infinity, Date.now() + tellAfterMs);
    this.#change.resolve();
  }

  async #tell(): Promise<void> {
    this.#tellAt = undefined;
    for (let left = this.#ended.parts().length; left > 0; left -= 1)
      if (!(await this.#tellNext())) return this.#noteProgress();
  }

  /** The chunk's result holds one part: the group has to have heard of the others before. */
  async #tellAhead(over: AbortSignal): Promise<void> {
    while (this.#ended.parts().length > 1)
      if (!(await this.#tellNext())) {
        if (this.#isGivenUp) return;
        await quietSleep(TELL_AFTER_MS, over);
      }
  }

  /** @returns whether the group has heard it */
  async #tellNext(): Promise<boolean> {
    const isRepeat = this.#message !== undefined;
    this.#message ??= { id: randomUUID(), ended: this.#ended.parts()[0] ?? [], returned: this.#returned };
    const { id, ended, returned } = this.#message;
    const isHeard = await this.#with.line.tell(this.#report(ended, returned), id);
    if (!isHeard) return false;
    this.#message = undefined;
    this.#ended.forget(ended);
    this.#returned = this.#returned.filter((item) => !returned.includes(item));
    // Temporal may have taken the first one only, which did not know what has begun since.
    if (isRepeat) this.#noteProgress();
    return true;
  }

  /** The server waits no longer for this chunk: other workers run its jobs. */
  get #isGivenUp(): boolean {
    const { cancellationDetails } = this.#with.context;
    return cancellationDetails?.notFound === true || cancellationDetails?.timedOut === true;
  }

  #report(ended: readonly ItemEnd[], returned: readonly number[] = this.#returned): ChunkReport {
    const begun = [...this.#inHand.values()].flatMap(({ number: item, report }) => {
      if (!report) return [];
      const { startedAt, progress, stray } = report;
      return [{ item, startedAt, ...(progress && { progress }), ...(stray !== undefined && { stray }) }];
    });
    const { worker } = this.#with.deps;
    return { startedAt: this.#startedAt, worker, ...shortened(ended, this.#startedAt), begun, returned };
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
