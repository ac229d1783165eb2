/** What people ask of a job: each action as an update and as a signal, and the query for its view. */
import { setDefaultSignalHandler, setHandler } from '@temporalio/workflow';
import { needsNewer, NeedsNewerWorkerError } from '../../contract/format.ts';
import { jobQuery, SIGNALS, UPDATES, type ActionArguments } from '../../contract/messages.ts';
import { ACTION_NAMES } from '../../job/actions.ts';
import type { GroupView } from '../../job/group/groups.ts';
import type { JobView } from '../../job/job.ts';
import { newestOnly } from '../../job/job-view.ts';
import { readAction } from '../../job/read-action.ts';
import { checkAction, checkFormat, takeSignal, takeUpdate } from './handle-action.ts';
import type { Job } from './job.ts';
import type { MessagesOfRun } from './messages-of-run.ts';

/** Call it before the first `await`, so that a message that came with the first task finds its handler. */
export function answerJobMessages(job: Job, messages: MessagesOfRun): void {
  const signal = async (name: string, message: unknown): Promise<void> => {
    // It was acknowledged, so it waits for a worker that can read it.
    if (needsNewer(message)) throw new NeedsNewerWorkerError(`a message to job ${job.record.id}`);
    messages.take(message);
    if (name === 'cancel') return job.logIgnored('a job of its own is cancelled by Temporal’s request');
    await takeSignal(job, name, message);
  };
  setHandler(jobQuery, () => job.view);

  // First of all, since it takes the signals that came before the first task in their order; a named handler takes only its own.
  setDefaultSignalHandler(signal);
  for (const name of ACTION_NAMES) {
    if (name === 'cancel') continue;
    setHandler(SIGNALS[name], async (message) => signal(name, message));
    setHandler(
      UPDATES[name],
      async (...[message]: ActionArguments): Promise<JobView | GroupView> => {
        messages.take(message);
        return messages.answer(newestOnly(await takeUpdate(job, readAction(name, message))));
      },
      {
        validator(...[message]: ActionArguments) {
          checkFormat(name, message);
          checkAction(job, readAction(name, message));
          messages.check(job.record.id, message);
        },
      },
    );
  }
}
