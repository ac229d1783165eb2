/** Runs the work of jobs in the test's own process, where a debugger and a mock reach it. Time limits and cancels are the real ones. */
import type { Logger } from 'pino';
import type { AttemptInHand, AttemptOwner, Runners } from '../activities/runners.ts';
import type { AttemptInput } from '../job/job.ts';
import { attemptOf } from '../runner/attempt-of.ts';
import { EnqueuedJobs } from '../runner/enqueued-jobs.ts';
import type { AbortReason, EnqueueAnswer } from '../runner/messages.ts';
import { runWork, type Work } from '../runner/run-work.ts';
import { AttemptInRunner } from '../worker/runners/attempt-in-runner.ts';
import type { EnqueuedByAttempt } from '../worker/runners/runner-pool.ts';

export interface InProcessRunnersOptions {
  readonly work: Work;
  /** Identity of the worker, as attempts show it. */
  readonly worker: string;
  readonly log: Logger;
  readonly enqueue: (asked: EnqueuedByAttempt) => Promise<EnqueueAnswer>;
}

/** How often an attempt's time is looked at. @format milliseconds */
const LOOK_EVERY_MS = 250;

export function inProcessRunners(options: InProcessRunnersOptions): Runners {
  return { run: (input, owner) => new InProcessAttempt(input, owner, options) };
}

class InProcessAttempt implements AttemptInHand {
  readonly #inHand: AttemptInRunner;
  readonly #controller = new AbortController();
  readonly #with: InProcessRunnersOptions;
  #abortedAs: AbortReason | undefined;
  #looking: NodeJS.Timeout | undefined;

  constructor(input: AttemptInput, owner: AttemptOwner, options: InProcessRunnersOptions) {
    this.#with = options;
    this.#inHand = new AttemptInRunner(input, owner, options.worker);
    this.#inHand.runner = { abort: (_id, why) => this.#end(why) };
    void this.#run(input);
  }

  get report(): AttemptInHand['report'] {
    return this.#inHand.report;
  }

  abort(why: Parameters<AttemptInHand['abort']>[0]): void {
    this.#inHand.abort(why);
  }

  #end(why: AbortReason): void {
    this.#abortedAs ??= why;
    this.#controller.abort();
  }

  async #run(input: AttemptInput): Promise<void> {
    const { work, log, enqueue } = this.#with;
    // An owner is told nothing before it has what this is.
    await Promise.resolve();
    this.#inHand.begin(Date.now());
    this.#looking = setInterval(() => {
      if (this.#inHand.tick(LOOK_EVERY_MS, true) === 'deaf') this.#inHand.giveUp();
    }, LOOK_EVERY_MS);
    this.#looking.unref();
    const enqueued = new EnqueuedJobs(input.jobId, ({ number, key, request }) => {
      void enqueue({ request, key, attempt: input })
        .catch(({ name, message }: Error): EnqueueAnswer => ({ refused: { name, message } }))
        .then((answer) => enqueued.hear(number, answer));
    });
    const attempt = attemptOf(input, {
      log,
      signal: () => this.#controller.signal,
      enqueue: enqueued.enqueue,
      progressed: ({ done, total, checkpointJson }) =>
        this.#inHand.progressed(
          checkpointJson === undefined ? ['progress', 0, done, total] : ['progress', 0, done, total, checkpointJson],
        ),
    });
    const end = await runWork(work, input, attempt);
    clearInterval(this.#looking);
    this.#inHand.finish(end, this.#abortedAs);
  }
}
