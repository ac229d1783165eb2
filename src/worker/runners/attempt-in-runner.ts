/** An attempt that a worker has handed to a runner, or is about to. */
import { attemptCancelled, attemptInterrupted, attemptTimedOut } from '../../job/attempt-end.ts';
import { FAILURE } from '../../contract/failures.ts';
import type { AttemptEnd, NotHere } from '../../job/job-events.ts';
import type { AttemptInput, AttemptReport, LossEvidence, Progress } from '../../job/job.ts';
import type { AttemptInHand, AttemptOwner } from '../../activities/runners.ts';
import type { AbortReason, FromRunner, KindTraits } from '../../runner/messages.ts';
import type { PlainEnd } from '../../runner/plain-values.ts';

/** A handler that was asked to end has this long. @format milliseconds */
const END_WITHIN_MS = 10_000;
/** While its worker stops, it has this long beyond the grace time. @format milliseconds */
const STOP_WITHIN_MS = 2_000;

/** A runner, as far as an attempt that is there has to know it. */
interface Place {
  abort(id: number, why: AbortReason): void;
}

interface Loss {
  /** Such as `was killed by SIGKILL`. */
  readonly how: string;
  readonly evidence: LossEvidence;
  /** Other jobs that had begun there and not ended. */
  readonly others: number;
  readonly isSuspect: boolean;
}

export class AttemptInRunner implements AttemptInHand {
  readonly input: AttemptInput;
  readonly #owner: AttemptOwner;
  readonly #worker: string;
  readonly #traits: Omit<KindTraits, 'queue'>;
  /** Of this handing over; another one has another. */
  id = 0;
  runner: Place | undefined;
  /** When it was handed over, or began to wait for that; of the machine's clock. @format milliseconds */
  since = 0;
  #startedAt: number | undefined;
  /** For how long its handler has run, without the time in which its process was silent. @format milliseconds */
  #ranMs = 0;
  #abort: { readonly why: AbortReason; waitedMs: number } | undefined;
  #progress: Progress | undefined;
  #checkpoint: { readonly json: string; parsed?: unknown } | undefined;
  #stray: string | undefined;
  #hasEnded = false;
  #isOver = false;

  constructor(input: AttemptInput, owner: AttemptOwner, worker: string, traits: Omit<KindTraits, 'queue'> = {}) {
    this.input = input;
    this.#owner = owner;
    this.#worker = worker;
    this.#traits = traits;
  }

  get hasBegun(): boolean {
    return this.#startedAt !== undefined;
  }

  /** Whether it is known how it ended, though its handler may still run. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get isAborted(): boolean {
    return this.#abort !== undefined;
  }

  get isIsolated(): boolean {
    return this.input.isSuspect === true || this.#traits.isolated === true;
  }

  /** @default whatever its worker allows. @format milliseconds */
  get maxBusyMs(): number | undefined {
    return this.#traits.maxBusyMs;
  }

  get report(): AttemptReport | undefined {
    if (this.#startedAt === undefined) return undefined;
    return {
      startedAt: this.#startedAt,
      worker: this.#worker,
      ...(this.#progress && { progress: this.#progress }),
      ...(this.#checkpoint && { checkpoint: (this.#checkpoint.parsed ??= JSON.parse(this.#checkpoint.json)) }),
      ...(this.#stray !== undefined && { stray: this.#stray }),
    };
  }

  abort(why: AbortReason): void {
    if (this.#isOver) return;
    const before = this.#abort;
    // A worker that stops does not wait as long as one that goes on.
    if (before && !(why === 'stopped' && before.why !== 'stopped')) return;
    this.#abort = { why, waitedMs: 0 };
    if (!this.hasBegun && !this.runner) return this.#endUnbegun(why);
    this.runner?.abort(this.id, why);
  }

  begin(at: number): void {
    this.#startedAt = at;
    this.#owner.begun();
  }

  progressed([, , done, total, checkpointJson]: Extract<FromRunner, readonly ['progress', ...unknown[]]>): void {
    // What work left behind speaks for nobody.
    if (this.#isOver) return;
    this.#progress = { done, total };
    if (checkpointJson !== undefined) this.#checkpoint = { json: checkpointJson };
    this.#owner.changed();
  }

  strayed(text: string): void {
    this.#stray = text;
    this.#owner.changed();
  }

  /** Its handler has ended. */
  finish(end: PlainEnd, aborted: AbortReason | undefined): void {
    this.#end(this.#attemptEnd(end, aborted));
    this.#over();
  }

  /** Its runner is gone with it. */
  lose({ how, evidence, others, isSuspect }: Loss): void {
    const company =
      others === 0 ? 'nothing else ran in it' : `${others} other ${others === 1 ? 'job' : 'jobs'} ran in it`;
    const error = { type: FAILURE.workerLost, message: `its process ${how} while ${company}` };
    this.#end({ as: 'crashed', error, evidence, ...(isSuspect && { isSuspect }), report: this.#lastReport() });
    this.#over();
  }

  /** No runner has room for it, or none has work of its kind. */
  giveBack(delayMs: number, why?: NotHere['why']): void {
    if (this.#abort) return this.#endUnbegun(this.#abort.why);
    this.#end({ as: 'returned', delayMs, ...(why && { notHere: { why, worker: this.#worker } }) });
    this.#over();
  }

  /** The last word on a handler that does not end: nobody waits for it any more. */
  giveUp(): void {
    this.#end(this.#abortedEnd(this.#abort?.why ?? 'stopped'));
    this.#over();
  }

  /**
   * Called several times a second. What a neighbour computes counts neither against a time limit nor against the time to end, but a
   * worker that stops waits for nobody.
   * @returns whether the handler does not end though it was asked to
   */
  tick(passedMs: number, isResponsive: boolean): 'deaf' | 'fine' {
    if (this.#abort) {
      const isStop = this.#abort.why === 'stopped';
      if (isResponsive || isStop) this.#abort.waitedMs += passedMs;
      return this.#abort.waitedMs >= (isStop ? STOP_WITHIN_MS : END_WITHIN_MS) ? 'deaf' : 'fine';
    }
    if (!this.hasBegun || !isResponsive) return 'fine';
    this.#ranMs += passedMs;
    if (this.#ranMs >= this.input.timeoutMs) {
      this.#end(attemptTimedOut(this.#lastReport()));
      this.abort('timedOut');
    }
    return 'fine';
  }

  #attemptEnd(end: PlainEnd, aborted: AbortReason | undefined): AttemptEnd {
    const report = this.#lastReport();
    switch (end.as) {
      case 'done':
        return {
          as: 'done',
          report: { ...report, result: end.result, ...(end.note !== undefined && { note: end.note }) },
        };
      case 'discarded':
        return { ...end, report };
      case 'unknownKind':
        return { as: 'returned', delayMs: 0, notHere: { why: 'unknownKind', worker: this.#worker } };
      case 'failed':
        return aborted === undefined || aborted === 'timedOut' ? { ...end, report } : this.#abortedEnd(aborted);
    }
  }

  #abortedEnd(why: AbortReason): AttemptEnd {
    const report = this.hasBegun ? this.#lastReport() : undefined;
    switch (why) {
      case 'timedOut':
        return attemptTimedOut(this.#lastReport());
      case 'cancelled':
        return attemptCancelled(report);
      case 'stopped':
        return attemptInterrupted(`${this.#worker} was stopped before the attempt ended`, report);
    }
  }

  #endUnbegun(why: AbortReason): void {
    this.#end(this.#abortedEnd(why));
    this.#over();
  }

  #lastReport(): AttemptReport {
    const now = Date.now();
    return { ...(this.report ?? { startedAt: now, worker: this.#worker }), endedAt: now };
  }

  #end(end: AttemptEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#owner.ended(end);
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#owner.over();
  }
}
