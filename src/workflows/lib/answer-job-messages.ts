/** What people ask of a job: each action as an update and as a signal, and the query for its view. */
import { defineSignal, defineUpdate, setDefaultSignalHandler, setHandler } from '@temporalio/workflow';
import { newestAttemptOnly } from '../../job/job-view.ts';
import type { JobView } from '../../job/job.ts';
import { jobQuery, SIGNALS, UPDATES } from '../../contract/messages.ts';
import { readAction } from '../../job/read-action.ts';
import type { Job } from './job.ts';
import type { MessagesOfRun } from './messages-of-run.ts';
import { checkAction, takeSignal, takeUpdate } from './handle-action.ts';

/** Call it before the first `await`, so that a message that came with the first task finds its handler. */
export function answerMessages(job: Job, messages: MessagesOfRun): void {
  const signal = async (name: string, input: unknown): Promise<void> => {
    messages.take(input);
    await takeSignal(job, name, input);
  };
  setHandler(jobQuery, () => job.view);

  // First of all, since it takes the signals that came before the first task in their order; a named handler takes only its own.
  setDefaultSignalHandler(signal);
  for (const name of Object.keys(SIGNALS))
    setHandler(defineSignal<[input: unknown]>(name), (input) => signal(name, input));

  for (const name of Object.keys(UPDATES))
    setHandler(
      defineUpdate<JobView, [input: unknown]>(name),
      async (input) => {
        messages.take(input);
        return messages.answer(newestAttemptOnly(await takeUpdate(job, readAction(name, input))));
      },
      {
        validator(input) {
          checkAction(job, readAction(name, input));
          messages.check(job.record.id, input);
        },
      },
    );
}
