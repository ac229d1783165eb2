/** Runs handlers in the test's own process, for tests of what becomes of their ends. Time limits are the real runners' own. */
import type { Logger } from 'pino';
import type { AttemptInHand, AttemptOwner, Runners } from '../../src/activities/runners.ts';
import type { Attempt, Handlers } from '../../src/activities/handler.ts';
import type { AttemptInput } from '../../src/job/job.ts';
import type { AbortReason, FromRunner } from '../../src/runner/messages.ts';
import { plainProgress } from '../../src/runner/plain-values.ts';
import { runHandler } from '../../src/runner/run-handler.ts';
import type { UnsuccessfulEnd } from '../../src/job/attempt-end.ts';
import { ScriptedEnd } from './scripted-ends.ts';
import { AttemptInRunner } from '../../src/worker/runners/attempt-in-runner.ts';

type Progress = Extract<FromRunner, readonly ['progress', ...unknown[]]>;

export function inProcessRunners(handlers: Handlers, worker: string, log: Logger): Runners {
  return {
    run(input: AttemptInput, owner: AttemptOwner): AttemptInHand {
      const inHand = new AttemptInRunner(input, owner, worker);
      const controller = new AbortController();
      let abortedAs: AbortReason | undefined;
      let hasEnded = false;
      const attempt: Attempt = {
        ...input,
        log,
        signal: controller.signal,
        progress(done, total, checkpoint) {
          const plain = plainProgress(done, total, checkpoint);
          const message: Progress =
            plain.checkpointJson === undefined
              ? ['progress', 0, plain.done, plain.total]
              : ['progress', 0, plain.done, plain.total, plain.checkpointJson];
          if (!hasEnded) inHand.progressed(message);
        },
      };
      const runIt = async (): Promise<void> => {
        await Promise.resolve();
        // Whoever was asked to end before has ended.
        if (abortedAs !== undefined) return;
        inHand.begin(Date.now());
        const scripted = new ScriptedEnds(handlers);
        const end = await runHandler(scripted.handlers, attempt);
        hasEnded = true;
        if (!scripted.end) return inHand.finish(end, abortedAs);
        const { report = { startedAt: Date.now(), worker } } = inHand;
        owner.ended(scripted.end.as === 'returned' ? scripted.end : { ...scripted.end, report });
        owner.over();
      };
      void runIt();
      return {
        get report() {
          return inHand.report;
        },
        abort(why) {
          abortedAs ??= why;
          inHand.abort(why);
          controller.abort();
        },
      };
    },
  };
}

/** What only a worker can tell of an attempt, in place of what its handler threw. */
class ScriptedEnds {
  readonly handlers: Handlers;
  end: UnsuccessfulEnd | undefined;

  constructor({ NameWorkflow, WriteReport }: Handlers) {
    this.handlers = {
      NameWorkflow: async (args, attempt) => NameWorkflow(args, attempt).catch(this.#note),
      WriteReport: async (args, attempt) => WriteReport(args, attempt).catch(this.#note),
    };
  }

  readonly #note = (error: unknown): never => {
    if (error instanceof ScriptedEnd) this.end = error.end;
    throw error;
  };
}
