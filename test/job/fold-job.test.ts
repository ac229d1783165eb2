/** What each event makes of a job, held to the drawing of its states. */
import { describe, expect, test } from 'vitest';
import { DEFAULT_RETRY_DELAYS_MS, retryDelayMs } from '../../src/job/retry-delays.ts';
import { foldJob } from '../../src/job/fold-job.ts';
import type { AttemptEnd, Action } from '../../src/job/job-events.ts';
import { recordFromInput, stateOf, type JobRecord } from '../../src/job/job-record.ts';
import { ACTION_NAMES } from '../../src/job/actions.ts';
import { isActionLegal, JOB_STATES, type JobState } from '../../src/job/job-states.ts';
import { LIMITS } from '../../src/contract/limits.ts';

const NOW = Date.parse('2030-01-01T00:00:00Z');
const error = { type: 'Error', message: 'no luck' };
const failed: AttemptEnd = { as: 'failed', error, retryable: true };

function newJob(input: object = {}): JobRecord {
  return recordFromInput('a-job', 'NameWorkflow', NOW, { args: { name: 'foo' }, ...input });
}

function attempted(job: JobRecord, end: AttemptEnd, at = NOW): JobRecord {
  return foldJob(foldJob(job, { type: 'attemptQueued', at }), { type: 'attemptEnded', at, end });
}

const done: AttemptEnd = { as: 'done', report: { startedAt: NOW, worker: 'w', result: 'Hello' } };

const IN_STATE: Record<Exclude<JobState, 'queued' | 'running'>, JobRecord> = {
  scheduled: newJob(),
  retrying: attempted(newJob(), failed),
  paused: foldJob(newJob(), { type: 'actionTaken', at: NOW, action: { type: 'pause' } }),
  dead: attempted(newJob({ maxAttempts: 1 }), failed),
  done: attempted(newJob(), done),
  discarded: attempted(newJob(), { as: 'discarded', error }),
  cancelled: foldJob(newJob(), { type: 'cancelRequested', at: NOW }),
};

const ACTIONS: Record<Action['type'], Action> = {
  reschedule: { type: 'reschedule', dueAt: NOW + 5 },
  edit: { type: 'edit', changes: { queue: 'other' } },
  runNow: { type: 'runNow' },
  pause: { type: 'pause' },
  resume: { type: 'resume' },
  retry: { type: 'retry' },
  discard: { type: 'discard' },
  cancel: { type: 'cancel' },
};

describe('every action in every state that is at rest', () => {
  const cases = Object.entries(IN_STATE).flatMap(([state, record]) =>
    Object.values(ACTIONS).map((action) => [action.type, state as JobState, record, action] as const),
  );

  test.each(cases)('%s of a job that is %s', (_type, state, record, action) => {
    expect(stateOf(record)).toBe(state);
    const after = foldJob(record, { type: 'actionTaken', at: NOW + 1, action });
    if (!isActionLegal(state, action.type)) {
      expect(after).toEqual(record);
      return;
    }
    const drawn = JOB_STATES[state].actions[action.type];
    // What is due is queued by the job loop's next step.
    const isDue = stateOf(after) === 'scheduled' || stateOf(after) === 'retrying';
    if (drawn === 'queued') expect(isDue && after.dueAt <= NOW + 1).toBe(true);
    else expect(stateOf(after)).toBe(drawn);
  });

  test('the drawing and the list of actions name the same', () => {
    const drawn = new Set(Object.values(JOB_STATES).flatMap(({ actions }) => Object.keys(actions)));
    expect(drawn).toEqual(new Set(ACTION_NAMES));
  });
});

describe('attempts', () => {
  test('climb the list of retry delays, repeat its last delay, and are dead after the last', () => {
    let job = newJob();
    for (let attempt = 1; attempt < 25; attempt += 1) {
      job = attempted(job, failed);
      expect(stateOf(job)).toBe('retrying');
      expect(job.dueAt - NOW).toBe(DEFAULT_RETRY_DELAYS_MS[attempt - 1] ?? 86_400_000);
    }
    job = attempted(job, failed);
    expect(stateOf(job)).toBe('dead');
    expect(retryDelayMs(DEFAULT_RETRY_DELAYS_MS, 1_000)).toBe(86_400_000);
  });

  test('that crash use no retry delay, wait longer each time, and make suspect, and dead when alone three times', () => {
    let job = attempted(newJob(), failed);
    for (const [crash, pauseMs] of [0, 1_000, 2_000, 4_000].entries()) {
      job = attempted(job, { as: 'crashed', error, evidence: crash < 2 ? 'shared' : 'alone' });
      expect(job).toMatchObject({ spent: 1, crashes: crash + 1, dueAt: NOW + pauseMs });
      expect(job.blame?.isSuspect).toBe(crash > 0);
      expect(stateOf(job)).toBe('retrying');
    }
    job = attempted(job, { as: 'crashed', error, evidence: 'alone' });
    expect(stateOf(job)).toBe('dead');
    expect(job.error?.type).toBe('PoisonPill');
    job = foldJob(job, { type: 'actionTaken', at: NOW, action: { type: 'retry' } });
    expect(job).toMatchObject({ crashes: 5, crashesForgiven: 5, blame: undefined });
  });

  test('for which a worker had no room were never made, and come again later', () => {
    const retrying = attempted(newJob(), failed);
    const back = attempted(retrying, { as: 'returned', delayMs: 60_000 });
    expect(back).toEqual({ ...retrying, dueAt: NOW + 60_000 });
  });

  test('that are done without a result say why', () => {
    const job = attempted(newJob(), {
      as: 'done',
      report: { startedAt: NOW, worker: 'w', result: null, note: 'left out' },
    });
    expect(job).toMatchObject({ endedAs: 'done', result: null, note: 'left out' });
  });

  test('are listed up to a bound, the newest last', () => {
    let job = newJob({ maxAttempts: 1_000 });
    for (let attempt = 0; attempt < LIMITS.attemptsShown + 20; attempt += 1) job = attempted(job, failed);
    expect(job.attempts).toHaveLength(LIMITS.attemptsShown);
    expect(job.attempts.at(-1)?.number).toBe(LIMITS.attemptsShown + 20);
  });

  test('that came back from their queue were never made', () => {
    const queued = foldJob(newJob(), { type: 'attemptQueued', at: NOW });
    const withdrawn = foldJob(queued, { type: 'attemptWithdrawn', at: NOW });
    const back = foldJob(withdrawn, { type: 'attemptEnded', at: NOW, end: { as: 'cancelled', error } });
    expect(back).toMatchObject({ phase: 'waiting', spent: 0, lastNumber: 0, attempts: [] });
  });

  test('go on from the last checkpoint, unless the arguments were edited', () => {
    const report = { startedAt: NOW, worker: 'w', checkpoint: { rows: 7 }, progress: { done: 7, total: 9 } };
    const job = attempted(newJob(), { as: 'crashed', error, evidence: 'shared', report });
    expect(job.checkpoint).toEqual({ rows: 7 });
    const action: Action = { type: 'edit', changes: { args: { name: 'bar' } } };
    expect(foldJob(job, { type: 'actionTaken', at: NOW, action }).checkpoint).toBeUndefined();
  });

  test('that were cancelled end their job, however they ended, unless they were done', () => {
    const cancelling = (end: AttemptEnd): JobState => {
      const queued = foldJob(newJob(), { type: 'attemptQueued', at: NOW });
      const asked = foldJob(queued, { type: 'cancelRequested', at: NOW });
      return stateOf(foldJob(asked, { type: 'attemptEnded', at: NOW, end }));
    };
    expect(cancelling(failed)).toBe('cancelled');
    expect(cancelling({ as: 'crashed', error, evidence: 'alone' })).toBe('cancelled');
    expect(cancelling({ as: 'cancelled', error })).toBe('cancelled');
    expect(cancelling(done)).toBe('done');
  });
});

describe('attempts that were given back before they began', () => {
  const lost = { type: 'WorkerLost', message: 'worker-1 was killed by SIGKILL' };
  const death = { as: 'crashed', error: lost, evidence: 'none' } as const;
  const queued = (job: JobRecord): JobRecord => foldJob(job, { type: 'attemptQueued', at: NOW + 1 });
  const returned = (job: JobRecord, end?: typeof death): JobRecord =>
    foldJob(queued(job), { type: 'attemptReturned', at: NOW + 2, ...(end && { death: end }) });

  test('were never made', () => {
    expect(returned(newJob())).toEqual(newJob());
    const retrying = attempted(newJob(), failed);
    expect(returned(retrying)).toEqual(retrying);
  });

  test('leave their job paused, if somebody paused it meanwhile', () => {
    const paused = foldJob(queued(newJob()), { type: 'actionTaken', at: NOW, action: { type: 'pause' } });
    expect(stateOf(foldJob(paused, { type: 'attemptReturned', at: NOW }))).toBe('paused');
  });

  test('end their job, if somebody cancelled it meanwhile, also when their worker died', () => {
    const cancelled = foldJob(queued(newJob()), { type: 'cancelRequested', at: NOW });
    for (const event of [{}, { death }]) {
      const job = foldJob(cancelled, { type: 'attemptReturned', at: NOW + 2, ...event });
      expect(job).toMatchObject({ phase: 'ended', endedAs: 'cancelled', endedAt: NOW + 2, attempts: [] });
    }
  });

  test.each(Object.entries(IN_STATE))('are none of a job that is %s', (_state, record) => {
    expect(foldJob(record, { type: 'attemptReturned', at: NOW })).toBe(record);
    expect(foldJob(record, { type: 'attemptReturned', at: NOW, death })).toBe(record);
  });

  test('because their worker died are no crash the first time', () => {
    const job = returned(newJob(), death);
    expect(job).toEqual({ ...newJob(), unexplainedDeaths: 1 });
    expect(stateOf(job)).toBe('scheduled');
  });

  test('because their worker died are a crash the second time, make suspect, and the count begins anew', () => {
    const job = returned(returned(newJob(), death), death);
    expect(job).toMatchObject({
      crashes: 1,
      blame: { deaths: 1, alone: 0, isSuspect: true },
      spent: 0,
      dueAt: NOW + 2,
    });
    expect(job.unexplainedDeaths).toBeUndefined();
    expect(job.attempts).toMatchObject([{ number: 1, outcome: 'crashed', error: lost }]);
    expect(stateOf(job)).toBe('retrying');
    expect(returned(job, death)).toMatchObject({ crashes: 1, lastNumber: 1, unexplainedDeaths: 1 });
  });

  test('because their worker died make no job guilty, and dead with the twentieth crash all the same', () => {
    let job = newJob();
    for (let deaths = 1; deaths < 40; deaths += 1) job = returned(job, death);
    expect(job).toMatchObject({ phase: 'waiting', crashes: 19, blame: { alone: 0 } });
    job = returned(job, death);
    expect(stateOf(job)).toBe('dead');
    expect(job).toMatchObject({ crashes: 20, error: { type: 'PoisonPill' } });
  });

  test('forget that they were asked back for the sake of an action', () => {
    const withdrawn = foldJob(queued(newJob()), { type: 'attemptWithdrawn', at: NOW });
    expect(foldJob(withdrawn, { type: 'attemptReturned', at: NOW })).toEqual(newJob());
  });
});
