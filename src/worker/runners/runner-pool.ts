/**
 * The runners of a worker: starts them, gives each attempt to one, and replaces those that die. What a handler does to its process is
 * told of the jobs that ran there, and of no other.
 */
import type { Logger } from 'pino';
import type { AttemptInHand, AttemptOwner, Runners } from '../../activities/runners.ts';
import type { AttemptInput } from '../../job/job.ts';
import {
  machineTime,
  UNUSABLE_CONFIG,
  type EnqueueAnswer,
  type FromRunner,
  type KindTraits,
  type Stray,
} from '../../runner/messages.ts';
import { MachineError } from '../../process/errors.ts';
import { AttemptInRunner } from './attempt-in-runner.ts';
import { IsolatedRooms } from './isolated-rooms.ts';
import { RunnerProcess, type Departure, type RunnerProgram } from './runner-process.ts';
import { watchRunners } from './watch-runners.ts';

export interface RunnerPoolOptions {
  readonly program: RunnerProgram;
  /** Runners that share the work. */
  readonly processes: number;
  /** Identity of the worker, as attempts show it. */
  readonly worker: string;
  /** A loop that stands still for longer is ended. @format milliseconds */
  readonly maxBusyMs: number;
  readonly log: Logger;
  /** Notes a runner's pid until the result is disposed of. @default nothing is noted */
  readonly note?: (pid: number) => Disposable;
  /** Enqueues a job for an attempt. @default it is refused */
  readonly enqueue?: (asked: EnqueuedByAttempt) => Promise<EnqueueAnswer>;
  /** Told when no runner could begin anything, and when one can again. */
  readonly onRoom?: (hasRoom: boolean) => void;
}

/** A job that the work of another enqueues. */
export interface EnqueuedByAttempt {
  /** As a runner said it: anything. */
  readonly request: unknown;
  readonly key: string;
  /** Of the job whose work it is. */
  readonly attempt: AttemptInput;
}

/** A runner that died younger than this without having run anything may do so again at once: the next one waits, longer each time. @format milliseconds */
const TOO_YOUNG_TO_DIE_MS = 1_000;
const LONGEST_PAUSE_MS = 10_000;
/** What found no runner within this time goes back to where it came from, for this time. @format milliseconds */
const WAIT_FOR_A_RUNNER_MS = 1_000;
/** Processes that take no more work and wait for what is in them, for each that does. */
const DRAINING_FOR_EACH = 4;
/** Processes hear at once that they are to leave, unless one of them computes. @format milliseconds */
const HEAR_WITHIN_MS = 500;
/** `teardown` of the configuration has so long. @format milliseconds */
const LEAVE_WITHIN_MS = 5_000;

export class RunnerPool implements Runners, AsyncDisposable {
  readonly #with: RunnerPoolOptions;
  readonly #runners = new Set<RunnerProcess>();
  readonly #notes = new Map<RunnerProcess, Disposable>();
  readonly #waiting = new Set<AttemptInRunner>();
  readonly #isolated = new IsolatedRooms();
  readonly #watch: Disposable;
  readonly #ready = Promise.withResolvers<void>();
  /** What runners have work for. */
  #kinds: ReadonlyMap<string, KindTraits> | undefined;
  /** What an ordinary runner may have of memory. */
  #heapMb: number | undefined;
  #lastId = 0;
  #earlyDeaths = 0;
  #willStart: NodeJS.Timeout | undefined;
  #hasRoom = true;
  #isStopping = false;

  constructor(options: RunnerPoolOptions) {
    this.#with = options;
    this.#watch = watchRunners({
      runners: this.#runners,
      maxBusyMs: options.maxBusyMs,
      onDeaf: (runner, attempt) => this.#giveUp(runner, attempt),
      onUnread: (runner, attempt) => this.#placeElsewhere(runner, attempt),
      onLooked: (now) => this.#lookAround(now),
    });
    // The worker that waits for it hears of it.
    this.#ready.promise.catch(() => undefined);
    this.#startMissing();
  }

  /** Resolves once a runner can take work. @throws {MachineError} when the configuration is not usable */
  async ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Those that kinds name; known once a runner is ready. */
  get queues(): ReadonlySet<string> {
    return new Set([...(this.#kinds?.values() ?? [])].map(({ queue }) => queue));
  }

  run(input: AttemptInput, owner: AttemptOwner): AttemptInHand {
    const attempt = new AttemptInRunner(input, owner, this.#with.worker, this.#kinds?.get(input.kind));
    attempt.since = machineTime();
    // Nothing is told before this turn is over.
    if (this.#kinds?.has(input.kind) === false) setImmediate(() => attempt.giveBack(0, 'unknownKind'));
    else if (attempt.isIsolated) this.#isolate(attempt);
    else this.#place(attempt);
    return attempt;
  }

  /** Ends all of them. What still runs there is given up as interrupted. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    this.#watch[Symbol.dispose]();
    clearTimeout(this.#willStart);
    for (const runner of this.#runners) runner.askToLeave();
    const askedAt = machineTime();
    while (this.#runners.size > 0) {
      const waited = machineTime() - askedAt;
      for (const runner of this.#runners)
        if (waited >= (runner.isLeaving ? LEAVE_WITHIN_MS : HEAR_WITHIN_MS)) runner.kill('stopped');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  get #regular(): RunnerProcess[] {
    return [...this.#runners].filter(({ isIsolated, isDraining }) => !isIsolated && !isDraining);
  }

  /** To the one that has least to do. */
  #place(attempt: AttemptInRunner): void {
    // Somebody wanted its end while it waited.
    if (attempt.isAborted) return attempt.giveUp();
    let least: RunnerProcess | undefined;
    for (const runner of this.#runners)
      if (runner.hasRoom && (!least || runner.attempts.size < least.attempts.size)) least = runner;
    if (least) this.#handOver(attempt, least);
    else this.#waiting.add(attempt);
  }

  #handOver(attempt: AttemptInRunner, runner: RunnerProcess): void {
    this.#lastId += 1;
    runner.handOver(attempt, this.#lastId);
  }

  #placeElsewhere(from: RunnerProcess, attempt: AttemptInRunner): void {
    from.forget(attempt);
    if (!attempt.isIsolated) return this.#place(attempt);
    this.#isolated.leave(attempt);
    attempt.giveBack(WAIT_FOR_A_RUNNER_MS);
    this.#retire(from);
  }

  #placeWaiting(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const attempt of waiting) this.#place(attempt);
  }

  /** A process that has run nothing else, and will not. */
  #isolate(attempt: AttemptInRunner): void {
    const { jobId, kind } = attempt.input;
    const waitMs = this.#isolated.take(attempt);
    // Nothing is told before this turn is over.
    if (waitMs !== undefined) return void setImmediate(() => attempt.giveBack(waitMs));
    // It then dies alone, before the system kills everything here.
    const heapMb = attempt.input.isSuspect && this.#heapMb !== undefined ? this.#heapMb / 2 : undefined;
    const runner = this.#start({ isIsolated: true, heapMb });
    runner.expects = attempt;
    this.#with.log.info(
      { event: 'runner.isolated', jobId, kind, pid: runner.pid },
      `${jobId} runs in a process of its own`,
    );
  }

  #startMissing(): void {
    this.#willStart = undefined;
    const { processes } = this.#with;
    const regular = this.#regular;
    // While all of them compute, others take over, up to as many again.
    const allCompute = regular.every(({ isSilent }) => isSilent);
    const wanted = allCompute ? Math.min(regular.length + 1, 2 * processes) : processes;
    for (let missing = Math.max(wanted, processes) - regular.length; missing > 0; missing -= 1)
      this.#start({ isIsolated: false });
  }

  #startSoon(): void {
    if (this.#isStopping || this.#willStart) return;
    const pauseMs = this.#earlyDeaths === 0 ? 0 : Math.min(250 * 2 ** this.#earlyDeaths, LONGEST_PAUSE_MS);
    if (pauseMs === 0) this.#startMissing();
    else this.#willStart = setTimeout(() => this.#startMissing(), pauseMs);
  }

  #start(options: { readonly isIsolated: boolean; readonly heapMb?: number | undefined }): RunnerProcess {
    const runner = new RunnerProcess(this.#with.program, {
      ...options,
      onMessage: (from, message) => this.#hear(from, message),
      onGone: (gone, departure) => this.#gone(gone, departure),
    });
    this.#runners.add(runner);
    const note = runner.pid > 0 ? this.#with.note?.(runner.pid) : undefined;
    if (note) this.#notes.set(runner, note);
    return runner;
  }

  #hear(runner: RunnerProcess, message: FromRunner): void {
    switch (message[0]) {
      case 'ready':
        if (!runner.isIsolated) this.#heapMb = message[1];
        this.#kinds = new Map(Object.entries(message[2]));
        this.#becomeReady(runner);
        break;
      case 'leaving':
        runner.isLeaving = true;
        break;
      case 'enqueue': {
        const [, id, call, key, request] = message;
        const attempt = runner.attempts.get(id);
        if (attempt)
          void this.#enqueue({ request, key, attempt: attempt.input }).then((answer) =>
            runner.answer(id, call, answer),
          );
        break;
      }
      case 'begun': {
        const [, ...ids] = message;
        const now = Date.now();
        runner.begun += ids.length;
        for (const id of ids) runner.attempts.get(id)?.begin(now);
        break;
      }
      case 'progress':
        runner.attempts.get(message[1])?.progressed(message);
        break;
      case 'ended': {
        const [, id, end, aborted] = message;
        this.#end(runner, id, (attempt) => attempt.finish(end, aborted));
        break;
      }
      case 'stale': {
        const attempt = runner.attempts.get(message[1]);
        if (attempt) this.#placeElsewhere(runner, attempt);
        break;
      }
      case 'stray':
        this.#noteStray(runner, message[1]);
        break;
      case 'exiting':
        runner.exitAskedBy = message[1] ?? undefined;
        break;
      case 'alive':
        break;
    }
  }

  async #enqueue(asked: EnqueuedByAttempt): Promise<EnqueueAnswer> {
    const { enqueue } = this.#with;
    try {
      if (!enqueue) throw new Error('this worker enqueues nothing');
      return await enqueue(asked);
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      return { refused: { name, message } };
    }
  }

  #becomeReady(runner: RunnerProcess): void {
    runner.isReady = true;
    this.#ready.resolve();
    const { expects } = runner;
    if (!expects) this.#placeWaiting();
    else if (!expects.isAborted) this.#handOver(expects, runner);
    else {
      expects.giveUp();
      this.#isolated.leave(expects);
      this.#retire(runner);
    }
  }

  #end(runner: RunnerProcess, id: number, how: (attempt: AttemptInRunner) => void): void {
    const attempt = runner.attempts.get(id);
    if (!attempt) return;
    runner.forget(attempt);
    how(attempt);
    this.#isolated.leave(attempt);
    if (runner.isIsolated || runner.isDraining) this.#retire(runner);
  }

  #noteStray(runner: RunnerProcess, { id, jobId, kind, isFatal, text }: Stray): void {
    const owner = jobId === undefined ? 'no job is known to be its owner' : `it seems to come from ${jobId}`;
    this.#with.log.error(
      { event: 'runner.stray', pid: runner.pid, jobId, kind, isFatal },
      `an error got past every handler of process ${runner.pid}; ${owner}: ${text}`,
    );
    if (id !== undefined) runner.attempts.get(id)?.strayed(text);
    if (isFatal) this.#drain(runner);
  }

  /** Its handler was asked to end and did not: nobody waits for it, and its process goes as soon as the others there have ended. */
  #giveUp(runner: RunnerProcess, attempt: AttemptInRunner): void {
    const { jobId, kind, number } = attempt.input;
    this.#with.log.error(
      { event: 'attempt.deaf', pid: runner.pid, jobId, kind, attempt: number },
      `attempt ${number} of ${jobId} did not end when it was asked to, so its process is replaced`,
    );
    this.#drain(runner);
    this.#end(runner, attempt.id, (given) => given.giveUp());
  }

  #drain(runner: RunnerProcess): void {
    if (runner.isDraining) return;
    runner.isDraining = true;
    for (const attempt of runner.attempts.values()) if (!attempt.hasBegun) this.#placeElsewhere(runner, attempt);
    this.#startSoon();
    this.#retire(runner);
    this.#makeRoom();
  }

  /** Work that spoils one process after the other must not fill the machine with those that wait for its neighbours. */
  #makeRoom(): void {
    const draining = [...this.#runners].filter(({ isDraining, isIsolated }) => isDraining && !isIsolated);
    if (draining.length > DRAINING_FOR_EACH * this.#with.processes) draining[0]?.kill('crowded');
  }

  /** It gets nothing more, and leaves as soon as nothing is in it. */
  #retire(runner: RunnerProcess): void {
    runner.isDraining = true;
    if (runner.attempts.size === 0) runner.kill('drained');
  }

  #gone(runner: RunnerProcess, departure: Departure): void {
    this.#runners.delete(runner);
    this.#notes.get(runner)?.[Symbol.dispose]();
    this.#notes.delete(runner);
    const { pid, begun, bornAt } = runner;
    if (departure.reason === undefined && !this.#isStopping)
      this.#with.log.warn({ event: 'runner.lost', pid, how: departure.how }, `runner ${pid} ${departure.how}`);
    if (departure.exitCode === UNUSABLE_CONFIG && this.#kinds === undefined)
      this.#ready.reject(new MachineError('The configuration is not usable; its runner said why.'));
    const died = begun === 0 && machineTime() - bornAt < TOO_YOUNG_TO_DIE_MS;
    this.#earlyDeaths = died || departure.reason === 'notReady' ? this.#earlyDeaths + 1 : 0;
    this.#lose(runner, departure);
    if (!runner.isIsolated && !runner.isDraining) this.#startSoon();
  }

  /** What had begun there is told with what is known of whose fault it was; what had not goes to other runners, and is not counted. */
  #lose(runner: RunnerProcess, { how, reason }: Departure): void {
    const attempts = [...runner.attempts.values(), ...(runner.expects && !runner.isReady ? [runner.expects] : [])];
    const lost = attempts.filter(({ hasBegun, hasEnded }) => hasBegun && !hasEnded);
    const isNobodys = reason !== undefined && reason !== 'hung' && reason !== 'garbled';
    const byThemselves = runner.begun === 1 ? 'alone' : 'shared';
    for (const attempt of attempts) {
      const asked = attempt.id === runner.exitAskedBy;
      runner.forget(attempt);
      if (!attempt.hasBegun && !runner.isIsolated) this.#place(attempt);
      else if (!attempt.hasBegun) attempt.giveBack(WAIT_FOR_A_RUNNER_MS);
      // Interrupted: nobody is to blame, and it runs again.
      else if (attempt.hasEnded || this.#isStopping || reason === 'crowded') attempt.giveUp();
      else
        attempt.lose({
          how,
          evidence: isNobodys ? 'none' : byThemselves,
          others: lost.length - 1,
          isSuspect: reason === 'hung' || asked,
        });
      this.#isolated.leave(attempt);
    }
  }

  #lookAround(now: number): void {
    if (this.#isStopping) return;
    for (const attempt of this.#waiting)
      if (now - attempt.since > WAIT_FOR_A_RUNNER_MS) {
        this.#waiting.delete(attempt);
        attempt.giveBack(WAIT_FOR_A_RUNNER_MS);
      }
    const regular = this.#regular;
    if (regular.length > 0 && regular.every(({ isSilent }) => isSilent)) this.#startSoon();
    this.#sendHomeSurplus();
    if (this.#waiting.size > 0) this.#placeWaiting();
    const hasRoom = regular.some(({ isReady, isSilent }) => !isReady || !isSilent);
    if (hasRoom === this.#hasRoom) return;
    this.#hasRoom = hasRoom;
    this.#with.onRoom?.(hasRoom);
  }

  /** Those that took over while others computed. */
  #sendHomeSurplus(): void {
    const responsive = [...this.#runners].filter(({ hasRoom }) => hasRoom);
    if (responsive.length <= this.#with.processes) return;
    // The youngest: the others have their code warm.
    const idle = responsive.findLast(({ attempts }) => attempts.size === 0);
    if (!idle) return;
    idle.isDraining = true;
    idle.kill('notNeeded');
  }
}
