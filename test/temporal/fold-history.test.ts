/** The orders of events that a real server shows only now and then. */
import { expect, test } from 'vitest';
import type { AttemptEnd, Action } from '../../src/job/job-events.ts';
import { viewJob } from '../../src/job/job-view.ts';
import type { JobView } from '../../src/job/job.ts';
import { JobFold, type JobHistory } from '../../src/temporal/history/fold-history.ts';
import type { HistoryStep } from '../../src/temporal/history/history-steps.ts';

const START = Date.parse('2030-01-01T00:00:00Z');
const RUNG = 60_000;
const error = { type: 'Error', message: 'no luck' };
const failed: AttemptEnd = { as: 'failed', error, retryable: true };
const reschedule: Action = { type: 'reschedule', dueAt: START + 1_000_000 };

type Body = HistoryStep extends infer S ? (S extends unknown ? Omit<S, 'id' | 'at'> : never) : never;

/** A history of these steps, each a second after the one before it, numbered from 1. */
function history(...bodies: Body[]): JobHistory {
  const steps = bodies.map((body, n): HistoryStep => Object.assign(body, { id: n + 1, at: START + n * 1_000 }));
  const [start] = steps;
  if (start?.type !== 'started') return expect.fail('a history without a start');
  const fold = new JobFold('a-job', start);
  for (const step of steps) fold.add(step);
  return fold.now();
}

const view = (of: JobHistory): JobView => viewJob(of.record);

/** A workflow task whose start has the number `id`. */
const task = (id: number): Body[] => [{ type: 'taskStarted' }, { type: 'taskCompleted', startedId: id }];

/** Up to an attempt under way; the next step is number 5. */
const UNDER_WAY: Body[] = [
  { type: 'started', kind: 'NameWorkflow', input: { args: { name: 'foo' }, retryDelaysMs: [RUNG] } },
  ...task(2),
  { type: 'acted', event: { type: 'attemptQueued' } },
];
const attemptEnds = (end: AttemptEnd): Body => ({ type: 'cameIn', event: { type: 'attemptEnded', end } });

test('an update that was refused changes nothing, though its attempt ended in the same task', () => {
  const told = history(
    ...UNDER_WAY,
    attemptEnds(failed),
    ...task(6),
    { type: 'actionAccepted', action: reschedule },
    { type: 'actionRefused', takenIn: 8 },
  );
  // By the clock of the task, which started in step 6.
  expect(view(told)).toMatchObject({ state: 'retrying', dueAt: new Date(START + 5_000 + RUNG).toISOString() });
});

test('an update that was taken while the attempt was under way is made when that is over', () => {
  const told = history(
    ...UNDER_WAY,
    ...task(5),
    { type: 'actionAccepted', action: reschedule },
    { type: 'acted', event: { type: 'attemptWithdrawn' } },
    attemptEnds({ as: 'cancelled', error }),
    ...task(10),
  );
  expect(view(told)).toMatchObject({ state: 'scheduled', attempt: 0, attempts: [] });
  expect(told.record.dueAt).toBe(START + 1_000_000);
});

test('a cancellation that meets the attempt’s failure in one task comes first, as the workflow takes it', () => {
  const told = history(
    ...UNDER_WAY,
    attemptEnds(failed),
    { type: 'cameIn', event: { type: 'cancelRequested' } },
    ...task(7),
  );
  expect(view(told)).toMatchObject({ state: 'cancelled', attempts: [{ outcome: 'failed' }] });
  expect(told.record.dueAt).toBe(START);
});

test('what came in before a cancellation in the same task was made before it', () => {
  const told = history(
    { type: 'started', kind: 'NameWorkflow', input: { args: { name: 'foo' }, dueAt: '2031-01-01T00:00:00Z' } },
    ...task(2),
    { type: 'cameIn', event: { type: 'cancelRequested' } },
    ...task(5),
    { type: 'actionAccepted', action: reschedule },
  );
  expect(view(told).state).toBe('cancelled');
  expect(told.record.dueAt).toBe(START + 1_000_000);
});

test('what no worker has seen is told apart: ends have happened, cancellations are pending', () => {
  const told = history(
    ...UNDER_WAY,
    attemptEnds(failed),
    { type: 'signaled', action: reschedule },
    { type: 'cameIn', event: { type: 'cancelRequested' } },
  );
  expect(view(told)).toMatchObject({ state: 'retrying', attempts: [{ outcome: 'failed' }] });
  expect(told.unseen.map(({ event }) => event.type)).toEqual(['actionTaken', 'cancelRequested']);
  expect(told.closed).toBe(false);
});

test('a job that was terminated keeps the end of its attempt, and nothing is pending any more', () => {
  const terminated = { type: 'Terminated', message: 'by hand' };
  const told = history(
    ...UNDER_WAY,
    attemptEnds(failed),
    { type: 'signaled', action: reschedule },
    { type: 'closed', byItself: false, event: { type: 'closed', as: 'cancelled', error: terminated } },
  );
  expect(view(told)).toMatchObject({ state: 'cancelled', error: terminated, attempts: [{ outcome: 'failed' }] });
  expect(told).toMatchObject({ closed: true, unseen: [] });
});

test('a job that was dead too long ends as dead, by the clock of its last task', () => {
  const told = history(...UNDER_WAY, attemptEnds({ ...failed, retryable: false }), ...task(6), ...task(8), {
    type: 'closed',
    byItself: true,
    event: { type: 'closed', as: 'dead', error },
  });
  expect(view(told)).toMatchObject({ state: 'dead', endedAt: new Date(START + 7_000).toISOString(), error });
});

test('a task that was lost with its worker counts only once it is repeated', () => {
  const told = history(...UNDER_WAY, attemptEnds(failed), { type: 'taskStarted' }, ...task(7));
  expect(told.record.dueAt).toBe(START + 6_000 + RUNG);
});
