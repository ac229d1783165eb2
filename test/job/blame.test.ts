/** Who is blamed for the death of a process, and who is not. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  blameFor,
  CRASHES_UNTIL_DEAD,
  DEATHS_ALONE_UNTIL_DEAD,
  isGuilty,
  pauseAfter,
  type Blame,
  type Death,
} from '../../src/job/blame.ts';
import { foldJob } from '../../src/job/fold-job.ts';
import type { AttemptEnd } from '../../src/job/job-events.ts';
import { recordFromInput, type JobRecord } from '../../src/job/job-record.ts';
import type { LossEvidence } from '../../src/job/job.ts';

const NOW = Date.parse('2030-01-01T00:00:00Z');
const HOUR = 60 * 60_000;

function death(evidence: LossEvidence, more: Partial<Death> = {}): Death {
  return { evidence, attemptStartedAt: NOW, ...more };
}

function reached(done: number, checkpoint?: unknown): Partial<Death> {
  return {
    report: {
      startedAt: NOW,
      worker: 'w',
      progress: { done, total: 9 },
      ...(checkpoint !== undefined && { checkpoint }),
    },
  };
}

function after(...deaths: readonly Death[]): Blame {
  let blame: Blame | undefined;
  for (const each of deaths) blame = blameFor(blame, each, NOW);
  return blame ?? expect.fail('nobody died');
}

describe('a job is suspect', () => {
  test.each([
    ['after one death in company', [death('shared')], false],
    ['after two', [death('shared'), death('shared')], true],
    ['after two without a witness', [death('none'), death('none')], true],
    ['after one that it seems to have asked for', [death('shared', { isSuspect: true })], true],
    ['after two with a further step between them', [death('shared', reached(1)), death('shared', reached(2))], false],
    ['after two at the same step', [death('shared', reached(2)), death('shared', reached(2))], true],
    ['after two with another checkpoint', [death('shared', reached(1, 'a')), death('shared', reached(1, 'b'))], false],
    [
      'after going back and forth between two checkpoints',
      ['a', 'b', 'a', 'b'].map((at) => death('shared', reached(1, at))),
      true,
    ],
    [
      'after two that are more than an hour apart',
      [death('shared', { attemptStartedAt: NOW - 2 * HOUR }), death('shared', { attemptStartedAt: NOW + HOUR + 1 })],
      false,
    ],
    [
      'after two of an attempt that ran for hours',
      [death('shared'), death('shared', { attemptStartedAt: NOW + 1 })],
      true,
    ],
  ])('%s: %#', (_when, deaths, isSuspect) => {
    expect(after(...deaths).isSuspect).toBe(isSuspect);
  });

  test('and stays it while it makes progress alone', () => {
    expect(after(death('shared'), death('shared'), death('alone', reached(5)))).toMatchObject({
      isSuspect: true,
      deaths: 1,
      alone: 1,
    });
  });
});

test('a job that dies whenever it is alone is dead after three such deaths', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom<LossEvidence>('shared', 'none'), { maxLength: 9 }), (before) => {
      const deaths = [
        ...before.map((evidence) => death(evidence)),
        ...Array.from({ length: DEATHS_ALONE_UNTIL_DEAD }, () => death('alone')),
      ];
      expect(isGuilty(after(...deaths.slice(0, -1)))).toBe(false);
      expect(isGuilty(after(...deaths))).toBe(true);
    }),
  );
});

test('a job that never dies alone is never guilty, whatever dies with it', () => {
  const company = fc.record({
    evidence: fc.constantFrom<LossEvidence>('shared', 'none'),
    isSuspect: fc.boolean(),
    done: fc.nat(3),
    startedAt: fc.nat(3 * HOUR),
  });
  fc.assert(
    fc.property(fc.array(company, { minLength: 1, maxLength: CRASHES_UNTIL_DEAD - 1 }), (deaths) => {
      const blame = after(
        ...deaths.map(({ evidence, isSuspect, done, startedAt }) =>
          death(evidence, { isSuspect, attemptStartedAt: NOW + startedAt, ...reached(done) }),
        ),
      );
      expect(isGuilty(blame)).toBe(false);
    }),
  );
});

test('the first death costs no time, and each further one in a row more, up to half a minute', () => {
  const row = Array.from({ length: 9 }, (_, n) =>
    pauseAfter(after(...Array.from({ length: n + 1 }, () => death('shared')))),
  );
  expect(row).toEqual([0, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

describe('as a job sees it, from death to death', () => {
  const error = { type: 'WorkerLost', message: 'its process was killed by SIGKILL' };

  interface Fate {
    readonly evidence: LossEvidence;
    readonly isSuspect: boolean;
    /** Of the attempt, until its process died. */
    readonly tookMs: number;
    readonly done: number;
  }

  const company: fc.Arbitrary<Fate> = fc.record({
    evidence: fc.constantFrom<LossEvidence>('shared', 'none'),
    isSuspect: fc.boolean(),
    tookMs: fc.nat(3 * HOUR),
    done: fc.nat(3),
  });

  /** One attempt of it, when it is due. */
  function attempt(job: JobRecord, end: (startedAt: number) => AttemptEnd, tookMs: number): JobRecord {
    const startedAt = job.dueAt;
    const queued = foldJob(job, { type: 'attemptQueued', at: startedAt });
    return foldJob(queued, { type: 'attemptEnded', at: startedAt + tookMs, end: end(startedAt) });
  }

  function dies(job: JobRecord, { evidence, isSuspect, tookMs, done }: Fate): JobRecord {
    const report = (startedAt: number) => ({ startedAt, worker: 'w', progress: { done, total: 9 } });
    return attempt(
      job,
      (startedAt) => ({
        as: 'crashed',
        error,
        evidence,
        ...(isSuspect && { isSuspect }),
        report: report(startedAt),
      }),
      tookMs,
    );
  }

  const newJob = (): JobRecord =>
    recordFromInput('a-job', 'NameWorkflow', NOW, { args: { name: 'foo' }, maxAttempts: 1_000 });

  test('an innocent one, which ends whenever it is alone, is never dead of the company that it had', () => {
    const ends = fc.constantFrom<AttemptEnd>(
      { as: 'failed', error: { type: 'Error', message: 'no luck' }, retryable: true },
      { as: 'interrupted', error: { type: 'WorkerStopped', message: 'deploy' } },
    );
    fc.assert(
      fc.property(fc.array(company, { maxLength: CRASHES_UNTIL_DEAD - 1 }), ends, (deaths, end) => {
        let job = newJob();
        for (const each of deaths) {
          // Suspects have no company.
          if (job.blame?.isSuspect) job = attempt(job, () => end, 1_000);
          else job = dies(job, each);
          expect(job.phase).toBe('waiting');
        }
        const result = (startedAt: number): AttemptEnd => ({
          as: 'done',
          report: { startedAt, worker: 'w', result: 'ok' },
        });
        expect(attempt(job, result, 1_000)).toMatchObject({ endedAs: 'done' });
      }),
    );
  });

  test('a guilty one is dead after two deaths in company and three alone, when they are soon and at the same place', () => {
    const soon = fc.record({ tookMs: fc.nat(20 * 60_000), isSuspect: fc.boolean() });
    fc.assert(
      fc.property(fc.array(soon, { minLength: 5, maxLength: 5 }), (deaths) => {
        let job = newJob();
        let count = 0;
        for (const { tookMs, isSuspect } of deaths) {
          if (job.phase === 'dead') break;
          count += 1;
          job = dies(job, { evidence: job.blame?.isSuspect ? 'alone' : 'shared', isSuspect, tookMs, done: 0 });
        }
        expect(job).toMatchObject({ phase: 'dead', error: { type: 'PoisonPill' }, blame: { alone: 3 } });
        expect(count).toBeGreaterThanOrEqual(4);
      }),
    );
  });

  test('one that dies each time is dead after twenty deaths, whatever it says and whenever it dies', () => {
    const any = fc.record({
      evidence: fc.constantFrom<LossEvidence>('alone', 'shared', 'none'),
      isSuspect: fc.boolean(),
      tookMs: fc.nat(3 * HOUR),
      done: fc.nat(100),
    });
    fc.assert(
      fc.property(fc.array(any, { minLength: CRASHES_UNTIL_DEAD, maxLength: CRASHES_UNTIL_DEAD }), (deaths) => {
        let job = newJob();
        for (const each of deaths) job = dies(job, each);
        expect(job.phase).toBe('dead');
        expect(job.crashes).toBeLessThanOrEqual(CRASHES_UNTIL_DEAD);
      }),
    );
  });

  test.each([
    ['an attempt that runs for hours is still the same row', 3 * HOUR, 0, 2],
    ['an hour without any attempt begins a new row', 0, HOUR + 1, 1],
    ['less than an hour does not', 0, HOUR, 2],
  ])('%s', (_what, tookMs, waitedMs, deaths) => {
    const first = dies(newJob(), { evidence: 'shared', isSuspect: false, tookMs: 0, done: 0 });
    const later = { ...first, dueAt: first.dueAt + waitedMs };
    expect(dies(later, { evidence: 'shared', isSuspect: false, tookMs, done: 0 }).blame?.deaths).toBe(deaths);
  });

  test.each<[string, AttemptEnd, boolean]>([
    ['fails', { as: 'failed', error, retryable: true }, true],
    ['is cancelled by what it called', { as: 'cancelled', error }, true],
    ['has not been let end', { as: 'interrupted', error }, false],
    ['has found no room', { as: 'returned', delayMs: 1_000 }, false],
  ])('a suspect is cleared by an attempt that came to its end: %s', (_how, end, isCleared) => {
    let job = newJob();
    for (let deaths = 0; deaths < 2; deaths += 1)
      job = dies(job, { evidence: 'shared', isSuspect: false, tookMs: 0, done: 0 });
    expect(job.blame?.isSuspect).toBe(true);
    expect(attempt(job, () => end, 0).blame).toEqual(isCleared ? undefined : job.blame);
  });
});
