/** What people ask of a job: each move as an update and as a signal, and the query for its view. */
import { setDefaultSignalHandler, setHandler } from '@temporalio/workflow';
import type { Move } from '../../contract/job-events.ts';
import { jobQuery, SIGNALS, UPDATES } from '../../contract/messages.ts';
import { readMove } from '../../contract/read-move.ts';
import type { Job } from './job.ts';
import { checkMove, takeSignal, takeUpdate } from './take-move.ts';

type SimpleMove = Exclude<Move['type'], 'reschedule' | 'edit'>;
const SIMPLE_MOVES: readonly SimpleMove[] = ['runNow', 'pause', 'resume', 'retry', 'discard'];

/** Call it before the first `await`, so that a message that came with the first task finds its handler. */
export function answerMessages(job: Job): void {
  setHandler(jobQuery, () => job.view);

  // First of all, since it takes the signals that came before the first task in their order; a named handler takes only its own.
  setDefaultSignalHandler((name, input) => takeSignal(job, name, input));
  setHandler(SIGNALS.reschedule, (dueAt) => takeSignal(job, 'reschedule', dueAt));
  setHandler(SIGNALS.edit, (changes) => takeSignal(job, 'edit', changes));

  setHandler(UPDATES.reschedule, (dueAt) => takeUpdate(job, readMove('reschedule', dueAt)), {
    validator: (dueAt) => checkMove(job, readMove('reschedule', dueAt)),
  });
  setHandler(UPDATES.edit, (changes) => takeUpdate(job, readMove('edit', changes)), {
    validator: (changes) => checkMove(job, readMove('edit', changes)),
  });

  for (const type of SIMPLE_MOVES) {
    setHandler(SIGNALS[type], () => takeSignal(job, type));
    setHandler(UPDATES[type], () => takeUpdate(job, { type }), { validator: () => checkMove(job, { type }) });
  }
}
