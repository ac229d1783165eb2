/** What people ask of a job: each move as an update, validated and answered at once, and as a signal for when no worker runs. */
import { ApplicationFailure, condition, proxyLocalActivities, setHandler } from '@temporalio/workflow';
import type { JobChanges, Move } from '../../contract/job-events.ts';
import type { JobView } from '../../contract/job.ts';
import type { WorkflowSideActivities } from '../../contract/workflow-side.ts';
import { FAILURE } from '../../contract/failures.ts';
import { parseTime, stateOf } from '../../contract/job-record.ts';
import { isMoveLegal, type JobState } from '../../contract/job-states.ts';
import { jobQuery, SIGNALS, UPDATES } from '../../contract/messages.ts';
import { checkChanges } from './edit.ts';
import { invalidTime, type Job } from './job.ts';

const { isAttemptRunning } = proxyLocalActivities<WorkflowSideActivities>({
  startToCloseTimeout: '5s',
  scheduleToCloseTimeout: '30s',
});

type SimpleMove = Exclude<Move['type'], 'reschedule' | 'edit'>;
const SIMPLE_MOVES: readonly SimpleMove[] = ['runNow', 'pause', 'resume', 'retry', 'discard'];

/** Call it before the first `await`, so that a message that came with the first task finds its handler. */
export function answerMessages(job: Job): void {
  setHandler(jobQuery, () => job.view);

  setHandler(UPDATES.reschedule, (dueAt) => make(job, reschedule(dueAt)), {
    validator: (dueAt) => check(job, reschedule(dueAt)),
  });
  setHandler(UPDATES.edit, (changes) => make(job, edit(changes)), {
    validator: (changes) => check(job, edit(changes)),
  });
  setHandler(SIGNALS.reschedule, (dueAt) => makeIfLegal(job, () => reschedule(dueAt)));
  setHandler(SIGNALS.edit, (changes) => makeIfLegal(job, () => edit(changes)));

  for (const type of SIMPLE_MOVES) {
    setHandler(UPDATES[type], () => make(job, { type }), { validator: () => check(job, { type }) });
    setHandler(SIGNALS[type], () => makeIfLegal(job, () => ({ type })));
  }
}

function reschedule(dueAt: string): Move {
  const time = typeof dueAt === 'string' ? parseTime(dueAt) : undefined;
  if (time === undefined) throw invalidTime(dueAt);
  return { type: 'reschedule', dueAt: time };
}

function edit(changes: JobChanges): Move {
  return { type: 'edit', changes: checkChanges(changes) };
}

/** @throws {ApplicationFailure} `JobMoveIllegal`, with the state as its first detail */
function check(job: Job, move: Move): void {
  const state = stateOf(job.record);
  // A paused job whose attempt is still under way may be resumed, though it counts as queued.
  const resumesUnderWay = move.type === 'resume' && job.record.phase === 'attempting' && job.record.paused;
  if (!isMoveLegal(state, move.type) && !resumesUnderWay) throw illegal(job, move, state);
}

async function make(job: Job, move: Move): Promise<JobView> {
  const underWay = job.record.phase === 'attempting';
  job.move(move);
  if (underWay && move.type !== 'resume' && !(await withdraw(job, move))) throw illegal(job, move, 'running');
  return job.view;
}

async function makeIfLegal(job: Job, parse: () => Move): Promise<void> {
  try {
    const move = parse();
    check(job, move);
    await make(job, move);
  } catch (error) {
    if (!(error instanceof ApplicationFailure)) throw error;
    job.logIgnored(error.message);
  }
}

/**
 * Takes the attempt out of its queue, so that the move can be made. Whether a worker has it already is asked of the server:
 * a workflow is told nothing of an attempt between handing it out and its end.
 * @returns whether the move was made
 */
async function withdraw(job: Job, move: Move): Promise<boolean> {
  const attempt = job.record.lastNumber;
  const underWay = (): boolean => job.record.phase === 'attempting' && job.record.lastNumber === attempt;
  if (await isAttemptRunning()) {
    if (underWay()) job.apply({ type: 'moveRefused' });
    // A pause then holds back the next attempt.
    return move.type === 'pause';
  }
  job.withdrawAttempt();
  await condition(() => !underWay());
  return (
    move.type === 'pause' || job.record.lastNumber < attempt || job.record.attempts.at(-1)?.outcome === 'cancelled'
  );
}

function illegal(job: Job, move: Move, state: JobState): ApplicationFailure {
  const message = `job ${job.record.id} is ${state}, which does not allow ${move.type}`;
  return ApplicationFailure.create({ type: FAILURE.moveIllegal, message, nonRetryable: true, details: [state] });
}
