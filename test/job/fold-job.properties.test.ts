/** What holds of a job whatever happens to it, in whatever order. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CRASHES_UNTIL_DEAD, DEATHS_ALONE_UNTIL_DEAD } from '../../src/job/blame.ts';
import { foldJob } from '../../src/job/fold-job.ts';
import type { AttemptEnd, JobEvent, Action } from '../../src/job/job-events.ts';
import { recordFromInput, stateOf, type JobRecord } from '../../src/job/job-record.ts';
import { isActionLegal } from '../../src/job/job-states.ts';
import { viewJob } from '../../src/job/job-view.ts';
import { LIMITS } from '../../src/contract/limits.ts';
import { JobViewSchema } from '../../src/contract/schemas/job-view.ts';

const START = Date.parse('2030-01-01T00:00:00Z');

const error = { type: 'Error', message: 'no luck' };
const report = fc.record(
  {
    startedAt: fc.constant(START),
    worker: fc.constantFrom('worker-1', 'worker-2'),
    progress: fc.record({ done: fc.nat(9), total: fc.constant(9) }),
    checkpoint: fc.nat(9),
  },
  { requiredKeys: ['startedAt', 'worker'] },
);
const attemptEnd: fc.Arbitrary<AttemptEnd> = fc.oneof(
  fc.record({
    as: fc.constant('done' as const),
    report: fc.record({ startedAt: fc.constant(START), worker: fc.constant('worker-1'), result: fc.constant('Hello') }),
  }),
  fc.record(
    {
      as: fc.constant('failed' as const),
      error: fc.constant(error),
      retryable: fc.boolean(),
      delayMs: fc.nat(100_000),
      report,
    },
    { requiredKeys: ['as', 'error', 'retryable'] },
  ),
  fc.record(
    {
      as: fc.constantFrom('discarded' as const, 'interrupted' as const, 'cancelled' as const),
      error: fc.constant(error),
      report,
    },
    { requiredKeys: ['as', 'error'] },
  ),
  fc.record(
    {
      as: fc.constant('crashed' as const),
      error: fc.constant(error),
      evidence: fc.constantFrom('alone' as const, 'shared' as const, 'none' as const),
      isSuspect: fc.boolean(),
      report,
    },
    { requiredKeys: ['as', 'error', 'evidence'] },
  ),
  fc.record({ as: fc.constant('returned' as const), delayMs: fc.nat(30_000) }),
);

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.constantFrom('runNow', 'pause', 'resume', 'retry', 'discard').map((type): Action => ({ type })),
  fc.nat(1_000_000).map((ms): Action => ({ type: 'reschedule', dueAt: START + ms })),
  fc.constantFrom({ args: { name: 'bar' } }, { queue: 'other' }).map((changes): Action => ({ type: 'edit', changes })),
);

type Untimed = JobEvent extends infer E ? (E extends unknown ? Omit<E, 'at'> : never) : never;
const death = { as: 'crashed', error, evidence: 'none' } as const;
const event: fc.Arbitrary<Untimed> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Untimed>({ type: 'attemptQueued' }) },
  { weight: 6, arbitrary: attemptEnd.map((end): Untimed => ({ type: 'attemptEnded', end })) },
  { weight: 2, arbitrary: fc.constantFrom<Untimed>({ type: 'attemptReturned' }, { type: 'attemptReturned', death }) },
  { weight: 4, arbitrary: action.map((made): Untimed => ({ type: 'actionTaken', action: made })) },
  { weight: 1, arbitrary: fc.constantFrom<Untimed>({ type: 'attemptWithdrawn' }, { type: 'cancelRequested' }) },
);

const input = fc.record({
  args: fc.constant({ name: 'foo' }),
  maxAttempts: fc.integer({ min: 1, max: 6 }),
  retryDelaysMs: fc.array(fc.nat(100_000), { minLength: 1, maxLength: 4 }),
});

/** The job loop queues an attempt only for a waiting job, and only what is under way can end. */
function canHappen(job: JobRecord, { type }: Untimed): boolean {
  if (type === 'attemptQueued') return job.phase === 'waiting' && !job.paused;
  return type !== 'attemptEnded' || job.phase === 'attempting';
}

/** Every record on the way, with the event that led to it. */
function* lives(started: JobRecord, events: readonly Untimed[]): Generator<[JobRecord, JobRecord, JobEvent]> {
  let job = started;
  for (const [n, untimed] of events.entries()) {
    if (!canHappen(job, untimed)) continue;
    const happened: JobEvent = { ...untimed, at: START + n * 1_000 };
    const after = foldJob(job, happened);
    yield [job, after, happened];
    job = after;
  }
}

function expectOfEveryLife(check: (before: JobRecord, after: JobRecord, happened: JobEvent) => void): void {
  const events = fc.array(event, { maxLength: 120, size: 'max' });
  fc.assert(
    fc.property(input, events, (asked, all) => {
      const job = recordFromInput('a-job', 'NameWorkflow', START, asked);
      for (const step of lives(job, all)) check(...step);
    }),
    { numRuns: 500 },
  );
}

test('what has ended does not change any more', () => {
  expectOfEveryLife((before, after) => {
    if (before.phase === 'ended') expect(after).toBe(before);
  });
});

test('no job spends more attempts than it has, nor fewer than none', () => {
  expectOfEveryLife((_before, after) => {
    expect(after.spent).toBeGreaterThanOrEqual(0);
    expect(after.spent).toBeLessThanOrEqual(after.maxAttempts);
  });
});

test('attempts are numbered without a gap up to the newest, which alone may lack its end', () => {
  expectOfEveryLife((_before, after) => {
    const numbers = after.attempts.map(({ number }) => number);
    expect(numbers).toEqual(numbers.map((_number, n) => after.lastNumber - numbers.length + 1 + n));
    expect(numbers.length).toBeLessThanOrEqual(LIMITS.attemptsShown);
    const open = after.attempts.filter(({ outcome }) => outcome === undefined);
    expect(open).toEqual(after.phase === 'attempting' ? after.attempts.slice(-1) : []);
  });
});

test('crashes use no attempt, and make a job dead by three deaths alone or twenty in all', () => {
  expectOfEveryLife((before, after, happened) => {
    if (happened.type !== 'attemptEnded' || happened.end.as !== 'crashed' || before.cancelRequested) return;
    expect(after.spent).toBe(before.spent - 1);
    const isGuilty = (after.blame?.alone ?? 0) >= DEATHS_ALONE_UNTIL_DEAD;
    const isHopeless = after.crashes - (after.crashesForgiven ?? 0) >= CRASHES_UNTIL_DEAD;
    expect(after.phase).toBe(isGuilty || isHopeless ? 'dead' : 'waiting');
  });
});

test('nothing is held against a job whose attempt ended otherwise than by a death', () => {
  expectOfEveryLife((before, after, happened) => {
    if (happened.type !== 'attemptEnded' || ['crashed', 'interrupted', 'returned'].includes(happened.end.as)) return;
    // Taken out of its queue: that attempt never was.
    if (happened.end.as === 'cancelled' && before.withdrawn && !before.cancelRequested) return;
    if (after.phase !== 'ended') expect(after.blame).toBeUndefined();
  });
});

test('crashes that nobody saw count as one for every two of them, and the second makes suspect', () => {
  expectOfEveryLife((before, after, happened) => {
    expect(after.unexplainedDeaths ?? 0).toBeLessThan(2);
    if (happened.type !== 'attemptReturned' || before.phase !== 'attempting') return;
    expect(after.spent).toBe(before.cancelRequested ? before.spent : before.spent - 1);
    const isCrash = happened.death !== undefined && before.unexplainedDeaths === 1;
    if (isCrash && after.phase !== 'ended') expect(after.blame?.isSuspect).toBe(true);
    expect(after.crashes).toBe(isCrash && !before.cancelRequested ? before.crashes + 1 : before.crashes);
  });
});

test('an attempt that was given back before it began leaves no trace', () => {
  expectOfEveryLife((before, _after, happened) => {
    if (happened.type !== 'attemptQueued') return;
    const returned = foldJob(foldJob(before, happened), { type: 'attemptReturned', at: happened.at });
    // The oldest attempt of a long list has made room for the new one.
    const attempts = before.attempts.slice(-(LIMITS.attemptsShown - 1));
    expect(returned).toEqual({ ...before, attempts });
  });
});

test('a dead job says why and since when', () => {
  expectOfEveryLife((_before, after) => {
    if (after.phase !== 'dead') return;
    expect(after.error).toBeDefined();
    expect(after.deadSince).toBeDefined();
  });
});

test('an action changes a job at rest exactly if the drawing allows it', () => {
  expectOfEveryLife((before, after, happened) => {
    if (happened.type !== 'actionTaken' || before.phase === 'attempting') return;
    expect(after !== before).toBe(isActionLegal(stateOf(before), happened.action.type));
  });
});

test('every view is what the API documents', () => {
  expectOfEveryLife((_before, after) => {
    expect(JobViewSchema.safeParse(viewJob(after)).error).toBeUndefined();
  });
});

test('a job that continues as new goes on as if it had not', () => {
  expectOfEveryLife((before, after, happened) => {
    const handedOn = JSON.parse(JSON.stringify(before)) as JobRecord;
    expect(foldJob(handedOn, happened)).toEqual(after);
  });
});
