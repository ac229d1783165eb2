/** Runs work in the test's own process, for tests of what becomes of its ends. Time limits are the real runners' own. */
import type { Logger } from 'pino';
import type { AttemptInHand, AttemptOwner, Runners } from '../../src/activities/runners.ts';
import type { AttemptInput } from '../../src/job/job.ts';
import { catalogueOf } from '../../src/kinds/catalogue.ts';
import type { AnyJob } from '../../src/kinds/job-definition.ts';
import type { AbortReason, FromRunner } from '../../src/runner/messages.ts';
import { attemptOf } from '../../src/runner/attempt-of.ts';
import { runWork, type Work } from '../../src/runner/run-work.ts';
import type { UnsuccessfulEnd } from '../../src/job/attempt-end.ts';
import { ScriptedEnd } from './scripted-ends.ts';
import { AttemptInRunner } from '../../src/worker/runners/attempt-in-runner.ts';

type Progress = Extract<FromRunner, readonly ['progress', ...unknown[]]>;

export function inProcessRunners(work: Work, worker: string, log: Logger): Runners {
  return {
    run(input: AttemptInput, owner: AttemptOwner): AttemptInHand {
      const inHand = new AttemptInRunner(input, owner, worker);
      const controller = new AbortController();
      let abortedAs: AbortReason | undefined;
      let hasEnded = false;
      const attempt = attemptOf(input, {
        log,
        signal: () => controller.signal,
        progressed({ done, total, checkpointJson }) {
          const message: Progress =
            checkpointJson === undefined ? ['progress', 0, done, total] : ['progress', 0, done, total, checkpointJson];
          if (!hasEnded) inHand.progressed(message);
        },
        async enqueue() {
          throw new Error('these runners enqueue nothing');
        },
      });
      const runIt = async (): Promise<void> => {
        await Promise.resolve();
        // Whoever was asked to end before has ended.
        if (abortedAs !== undefined) return;
        // As a pool does, whose runners have said what they know.
        if (!work.catalogue.find(input.kind)?.run) return inHand.giveBack(0, 'unknownKind');
        inHand.begin(Date.now());
        const scripted = new ScriptedEnds(work);
        const end = await runWork(scripted.work, input, attempt);
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

/** What only a worker can tell of an attempt, in place of what its work threw. */
class ScriptedEnds {
  readonly work: Work;
  end: UnsuccessfulEnd | undefined;

  constructor({ catalogue, world }: Work) {
    this.work = { catalogue: catalogueOf(catalogue.jobs.map((job) => this.#noting(job))), world };
  }

  #noting(job: AnyJob): AnyJob {
    const { run } = job;
    if (!run) return job;
    return {
      ...job,
      run: async (...given) => {
        try {
          return (await run(...given)) as unknown;
        } catch (error) {
          if (error instanceof ScriptedEnd) this.end = error.end;
          throw error;
        }
      },
    };
  }
}
