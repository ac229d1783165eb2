/** What people ask of a job: each move as an update, validated and answered at once, and as a signal for when no worker runs. */
import { ApplicationFailure, setDefaultSignalHandler, setHandler } from '@temporalio/workflow';
import type { Move } from '../../contract/job-events.ts';
import type { JobView } from '../../contract/job.ts';
import { FAILURE } from '../../contract/failures.ts';
import { stateOf } from '../../contract/job-record.ts';
import { isMoveLegal, waitsForAttempt, type JobState } from '../../contract/job-states.ts';
import { jobQuery, SIGNALS, UPDATES } from '../../contract/messages.ts';
import { readMove } from '../../contract/read-move.ts';
import type { Job } from './job.ts';

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
    validator: (dueAt) => check(job, readMove('reschedule', dueAt)),
  });
  setHandler(UPDATES.edit, (changes) => takeUpdate(job, readMove('edit', changes)), {
    validator: (changes) => check(job, readMove('edit', changes)),
  });

  for (const type of SIMPLE_MOVES) {
    setHandler(SIGNALS[type], () => takeSignal(job, type));
    setHandler(UPDATES[type], () => takeUpdate(job, { type }), { validator: () => check(job, { type }) });
  }
}

/** @throws {ApplicationFailure} `JobMoveIllegal`, with the state as its first detail */
function check(job: Job, move: Move): void {
  const state = stateOf(job.record);
  // A paused job whose attempt is still under way may be resumed, though it counts as queued.
  const resumesUnderWay = move.type === 'resume' && job.record.phase === 'attempting' && job.record.paused;
  if (!isMoveLegal(state, move.type) && !resumesUnderWay) throw illegal(job, move, state);
}

async function takeUpdate(job: Job, move: Move): Promise<JobView> {
  const waiting = job.move(move);
  if (!waiting || move.type === 'resume') return job.view;
  if (await waiting.attempt.withdraw()) {
    if (!(await waiting.made)) throw illegal(job, move, stateOf(job.record));
  } else if (move.type !== 'pause') {
    // A pause holds back the next attempt; everything else comes too late.
    waiting.attempt.drop(waiting);
    throw illegal(job, move, 'running');
  }
  return job.view;
}

/** Nobody waits for the answer, so a move that comes too late for the attempt under way waits for its end. */
async function takeSignal(job: Job, name: string, input?: unknown): Promise<void> {
  try {
    const move = readMove(name, input);
    if (job.record.phase !== 'attempting') check(job, move);
    const waiting = job.move(move);
    if (!waiting || move.type === 'resume') return;
    if (waitsForAttempt(move.type)) await waiting.attempt.withdraw();
    if (!(await waiting.made)) throw illegal(job, move, stateOf(job.record));
  } catch (error) {
    if (!(error instanceof ApplicationFailure)) throw error;
    job.logIgnored(error.message);
  }
}

function illegal(job: Job, move: Move, state: JobState): ApplicationFailure {
  const message = `job ${job.record.id} is ${state}, which does not allow ${move.type}`;
  return ApplicationFailure.create({ type: FAILURE.moveIllegal, message, nonRetryable: true, details: [state] });
}
