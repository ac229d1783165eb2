/** The attempts of one runner: begins what its worker hands it, and says how each goes. */
import type { Logger } from 'pino';
import { attemptOf } from './attempt-of.ts';
import { EnqueuedJobs } from './enqueued-jobs.ts';
import {
  ALIVE_EVERY_MS,
  machineTime,
  STALE_AFTER_MS,
  type AbortReason,
  type FromRunner,
  type Task,
  type ToRunner,
} from './messages.ts';
import type { PlainEnd, PlainProgress } from './plain-values.ts';
import { runWork, type Work } from './run-work.ts';
import { inAttempt, ownerOfThisMoment } from './strays.ts';

// Taken before any handler runs: fake timers of a handler must not stop ours.
const { setImmediate, setInterval, setTimeout, AbortController } = globalThis;

/** After so long a time of beginning, ends are told and messages read before more begins. @format milliseconds */
const BEGIN_AT_A_TIME_MS = 20;
/** Of so many in one message ten each are told as begun together: a write for each costs as much as an empty job. */
const LARGE_BATCH = 50;
const TOLD_TOGETHER = 10;
/** Of an attempt that reports progress again and again, the newest is told this often. @format milliseconds */
const PROGRESS_EVERY_MS = 100;

/** A part of what came in one message: its attempts are told as begun together. */
interface Waiting {
  readonly tasks: readonly Task[];
  readonly sentAt: number;
}

type ProgressMessage = Extract<FromRunner, readonly ['progress', ...unknown[]]>;

interface Running {
  readonly id: number;
  /** Made once somebody asks for it, since most handlers look at no signal. */
  abort: AbortController | undefined;
  abortedAs: AbortReason | undefined;
  /** The newest that has not been told. */
  untold: ProgressMessage | undefined;
  isPacing: boolean;
  enqueued: EnqueuedJobs | undefined;
}

function abortOf(running: Running): AbortController {
  return (running.abort ??= new AbortController());
}

export interface RunnerDependencies {
  readonly work: Work;
  readonly log: Logger;
  /** Writes at once. */
  readonly say: (messages: readonly FromRunner[]) => void;
}

export class Runner {
  readonly #with: RunnerDependencies;
  readonly #running = new Map<number, Running>();
  #waiting: Waiting[] = [];
  #unsaid: FromRunner[] = [];

  constructor(dependencies: RunnerDependencies) {
    this.#with = dependencies;
    setInterval(() => {
      if (this.#running.size > 0) this.#sayNow(['alive']);
    }, ALIVE_EVERY_MS).unref();
  }

  hear({ begin = [], abort = [], enqueued = [], sentAt }: ToRunner): void {
    const isBeginning = this.#waiting.length > 0;
    const together = begin.length >= LARGE_BATCH ? TOLD_TOGETHER : 1;
    for (let from = 0; from < begin.length; from += together)
      this.#waiting.push({ tasks: begin.slice(from, from + together), sentAt });
    // Somebody may want the end of what comes in the same message.
    for (const [id, why] of abort) this.#abort(id, why);
    for (const [id, call, answer] of enqueued) this.#running.get(id)?.enqueued?.hear(call, answer);
    if (!isBeginning) this.#beginSome();
  }

  sayStray(stray: { readonly isFatal: boolean; readonly text: string }): void {
    this.#sayNow(['stray', { ...stray, ...ownerOfThisMoment() }]);
  }

  /** Called while the process exits, within the code that asked for the exit. */
  leave(): void {
    this.#sayNow(['exiting', ownerOfThisMoment()?.id ?? null]);
  }

  #abort(id: number, why: AbortReason): void {
    const running = this.#running.get(id);
    if (running) {
      running.abortedAs ??= why;
      abortOf(running).abort();
    } else if (this.#waiting.some(({ tasks }) => tasks.some((task) => task.id === id))) {
      this.#waiting = this.#waiting.flatMap(({ tasks, sentAt }) => {
        const left = tasks.filter((task) => task.id !== id);
        return left.length > 0 ? { tasks: left, sentAt } : [];
      });
      this.#sayLater(['stale', id]);
    }
  }

  /** As many as fit into a moment, and then, after what came in meanwhile, the others. */
  #beginSome(): void {
    const startedAt = machineTime();
    while (machineTime() - startedAt < BEGIN_AT_A_TIME_MS) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#beginTogether(next);
    }
    if (this.#waiting.length > 0) setImmediate(() => this.#beginSome());
  }

  #beginTogether({ tasks, sentAt }: Waiting): void {
    // While a handler computed, the worker has given them to another runner.
    if (machineTime() - sentAt > STALE_AFTER_MS) return tasks.forEach(({ id }) => this.#sayLater(['stale', id]));
    this.#with.say([['begun', ...tasks.map(({ id }) => id)]]);
    for (const task of tasks) this.#begin(task);
  }

  #begin({ id, input }: Task): void {
    const running: Running = {
      id,
      abort: undefined,
      abortedAs: undefined,
      untold: undefined,
      isPacing: false,
      enqueued: undefined,
    };
    this.#running.set(id, running);
    const { jobId, kind } = input;
    const attempt = attemptOf(input, {
      log: this.#with.log,
      signal: () => abortOf(running).signal,
      progressed: (progress) => this.#progressed(running, progress),
      enqueue: async (job, args, options) => this.#enqueuedBy(running, jobId).enqueue(job, args, options),
    });
    // Its work may put another into its place.
    const { log } = attempt;
    const ended = inAttempt({ id, jobId, kind }, async () => runWork(this.#with.work, input, attempt));
    void ended.then((end) => this.#end(running, log, end));
  }

  #enqueuedBy(running: Running, jobId: string): EnqueuedJobs {
    return (running.enqueued ??= new EnqueuedJobs(jobId, ({ number, key, request }) =>
      this.#sayLater(['enqueue', running.id, number, key, request]),
    ));
  }

  #progressed(running: Running, { done, total, checkpointJson }: PlainProgress): void {
    // Its handler has returned: what it left behind speaks for nobody.
    if (!this.#running.has(running.id)) return;
    // Without a checkpoint the last one stays.
    const checkpoint = checkpointJson ?? running.untold?.[4];
    running.untold =
      checkpoint === undefined
        ? ['progress', running.id, done, total]
        : ['progress', running.id, done, total, checkpoint];
    if (!running.isPacing) this.#tellProgress(running);
  }

  /** At once, and then no more than every so often: twenty thousand calls are ten messages a second. */
  #tellProgress(running: Running): void {
    if (!running.untold) return;
    this.#sayLater(running.untold);
    running.untold = undefined;
    running.isPacing = true;
    setTimeout(() => {
      running.isPacing = false;
      this.#tellProgress(running);
    }, PROGRESS_EVERY_MS).unref();
  }

  #end(running: Running, log: Logger, end: PlainEnd): void {
    const { id, untold, abortedAs } = running;
    if (untold) this.#sayLater(untold);
    running.untold = undefined;
    this.#running.delete(id);
    if (end.as === 'failed' || end.as === 'discarded')
      log.warn({ event: 'attempt.failed', failure: end.error.type, abortedAs }, `attempt failed: ${end.error.message}`);
    this.#sayLater(abortedAs === undefined ? ['ended', id, end] : ['ended', id, end, abortedAs]);
  }

  /** Together with all else of this turn of the loop. */
  #sayLater(message: FromRunner): void {
    if (this.#unsaid.length === 0) setImmediate(() => this.#sayNow());
    this.#unsaid.push(message);
  }

  #sayNow(...messages: readonly FromRunner[]): void {
    const said = [...this.#unsaid, ...messages];
    this.#unsaid = [];
    if (said.length > 0) this.#with.say(said);
  }
}
