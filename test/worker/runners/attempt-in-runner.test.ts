/** What a worker makes of all that it hears of one attempt, and of what it does not hear. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AttemptEnd } from '../../../src/job/job-events.ts';
import type { AttemptInput } from '../../../src/job/job.ts';
import type { AbortReason, KindTraits } from '../../../src/runner/messages.ts';
import type { PlainEnd } from '../../../src/runner/plain-values.ts';
import { AttemptInRunner } from '../../../src/worker/runners/attempt-in-runner.ts';
import { attemptInput } from '../../support/kinds.ts';

const NOW = Date.parse('2030-01-01T00:00:00Z');
const LOOK_MS = 250;
const LIMIT_MS = attemptInput().timeoutMs;
const DONE: PlainEnd = { as: 'done', result: 'Hello' };
const FAILED: PlainEnd = { as: 'failed', error: { type: 'TypeError', message: 'no luck' }, retryable: true };
const REPORT = { startedAt: NOW, endedAt: NOW, worker: 'worker-1' };

beforeEach(() => vi.useFakeTimers({ now: NOW }));
afterEach(() => vi.useRealTimers());

function attemptOf(more: Partial<AttemptInput> = {}, traits?: Partial<KindTraits>) {
  const told: (string | AttemptEnd)[] = [];
  const attempt = new AttemptInRunner(
    attemptInput({ dueAt: NOW, ...more }),
    {
      begun: () => void told.push('begun'),
      changed: () => void told.push('changed'),
      ended: (end) => void told.push(end),
      over: () => void told.push('over'),
    },
    'worker-1',
    traits,
  );
  const asked: [number, AbortReason][] = [];
  const handOver = (): void => {
    attempt.id = 7;
    attempt.runner = { abort: (id, why) => void asked.push([id, why]) };
  };
  return { attempt, told, asked, handOver };
}

function begun(more: Partial<AttemptInput> = {}) {
  const world = attemptOf(more);
  world.handOver();
  world.attempt.begin(NOW);
  world.told.length = 0;
  return world;
}

/** Looks at it until the time is up. @returns what the last look says */
function lookFor(attempt: AttemptInRunner, ms: number, isResponsive = true): 'deaf' | 'fine' {
  let last: 'deaf' | 'fine' = 'fine';
  for (let passed = 0; passed < ms; passed += LOOK_MS) last = attempt.tick(LOOK_MS, isResponsive);
  return last;
}

describe('an attempt that runs', () => {
  test('tells its owner that it begins, ends, and is over, in this order and once', () => {
    const { attempt, told, handOver } = attemptOf();
    expect(attempt.report).toBeUndefined();
    handOver();
    attempt.begin(NOW);
    expect(attempt.report).toEqual({ startedAt: NOW, worker: 'worker-1' });
    attempt.finish(DONE, undefined);
    attempt.finish(FAILED, undefined);
    attempt.giveUp();
    attempt.abort('cancelled');
    expect(told).toEqual(['begun', { as: 'done', report: { ...REPORT, result: 'Hello' } }, 'over']);
  });

  test('reports the newest progress, the last checkpoint and what strayed, whatever its end', () => {
    for (const end of [DONE, FAILED]) {
      const { attempt, told } = begun();
      attempt.progressed(['progress', 7, 1, 9, '{"rows":1}']);
      attempt.progressed(['progress', 7, 2, 9]);
      attempt.strayed('nobody awaited: Error: no luck');
      const reached = {
        progress: { done: 2, total: 9 },
        checkpoint: { rows: 1 },
        stray: 'nobody awaited: Error: no luck',
      };
      expect(attempt.report).toEqual({ startedAt: NOW, worker: 'worker-1', ...reached });
      attempt.finish(end, undefined);
      expect(told.slice(0, 3)).toEqual(['changed', 'changed', 'changed']);
      expect(told[3]).toMatchObject({ as: end.as, report: { ...REPORT, ...reached } });
    }
  });

  test('says why it has no result, and what its failure decides', () => {
    const left = begun();
    left.attempt.finish({ as: 'done', result: null, note: 'it was a cycle' }, undefined);
    expect(left.told[0]).toEqual({ as: 'done', report: { ...REPORT, result: null, note: 'it was a cycle' } });
    const later = begun();
    later.attempt.finish({ ...FAILED, delayMs: 5_000 }, undefined);
    expect(later.told[0]).toEqual({ ...FAILED, delayMs: 5_000, report: REPORT });
    const discarded = begun();
    const verdict = { as: 'discarded', error: { type: 'JobDiscarded', message: 'not wanted' } } as const;
    discarded.attempt.finish(verdict, 'cancelled');
    expect(discarded.told[0]).toEqual({ ...verdict, report: REPORT });
  });

  test('runs alone if it is suspect, or its kind always does', () => {
    expect(attemptOf().attempt.isIsolated).toBe(false);
    expect(attemptOf({ isSuspect: true }).attempt.isIsolated).toBe(true);
    expect(attemptOf({}, { isolated: true }).attempt.isIsolated).toBe(true);
  });

  test('goes back, and says why, when its runner has no work of its kind after all', () => {
    const { attempt, told } = begun();
    attempt.finish({ as: 'unknownKind' }, undefined);
    expect(told).toEqual([{ as: 'returned', delayMs: 0, notHere: { why: 'unknownKind', worker: 'worker-1' } }, 'over']);
  });
});

describe('its time limit', () => {
  test('fails it, asks its handler to end, and leaves its slot taken until it has', () => {
    const { attempt, told, asked } = begun();
    expect(lookFor(attempt, LIMIT_MS - LOOK_MS)).toBe('fine');
    expect(told).toEqual([]);
    expect(lookFor(attempt, LOOK_MS)).toBe('fine');
    expect(told).toMatchObject([{ as: 'failed', retryable: true, error: { type: 'AttemptTimeout' }, report: REPORT }]);
    expect(asked).toEqual([[7, 'timedOut']]);
    expect(attempt.hasEnded).toBe(true);
    attempt.finish(DONE, 'timedOut');
    expect(told.slice(1)).toEqual(['over']);
  });

  test('does not count the time in which its process is silent, as while a neighbour computes', () => {
    const { attempt, told } = begun();
    lookFor(attempt, LIMIT_MS - LOOK_MS);
    lookFor(attempt, 10 * LIMIT_MS, false);
    expect(told).toEqual([]);
    lookFor(attempt, LOOK_MS);
    expect(told).toMatchObject([{ as: 'failed', error: { type: 'AttemptTimeout' } }]);
  });

  test('does not count the time before it begins', () => {
    const { attempt, told, asked, handOver } = attemptOf();
    handOver();
    lookFor(attempt, 10 * LIMIT_MS);
    expect([told, asked]).toEqual([[], []]);
  });

  test('is its own', () => {
    const report = begun({ kind: 'WriteReport', args: { rows: 1, msPerRow: 0 } });
    lookFor(report.attempt, 10 * LIMIT_MS);
    expect(report.told).toEqual([]);
  });

  test('changes nothing about an attempt that has ended, or is to end for another reason', () => {
    const { attempt, told, asked } = begun();
    attempt.abort('cancelled');
    lookFor(attempt, LIMIT_MS);
    expect(asked).toEqual([[7, 'cancelled']]);
    expect(told).toEqual([]);
  });
});

describe('an attempt that is asked to end', () => {
  const CANCELLED = { as: 'cancelled', error: { type: 'Cancelled', message: 'the attempt was cancelled' } };
  const STOPPED = {
    as: 'interrupted',
    error: { type: 'WorkerStopped', message: 'worker-1 was stopped before the attempt ended' },
  };
  const REASONS = [
    ['cancelled', CANCELLED],
    ['stopped', STOPPED],
  ] as const;

  test.each(REASONS)('before it is with a runner never begins: %s', (why, end) => {
    const { attempt, told, asked } = attemptOf();
    attempt.abort(why);
    expect(told).toEqual([end, 'over']);
    expect(asked).toEqual([]);
    expect(attempt.isAborted).toBe(true);
  });

  test.each(REASONS)(
    'while it lies with a runner is taken back first, since it may begin meanwhile: %s',
    (why, end) => {
      const { attempt, told, asked, handOver } = attemptOf();
      handOver();
      attempt.abort(why);
      expect(asked).toEqual([[7, why]]);
      expect(told).toEqual([]);
      attempt.giveBack(1_000);
      expect(told).toEqual([end, 'over']);
    },
  );

  test.each(REASONS)('ends so when its handler fails, with what it had reached: %s', (why, end) => {
    const { attempt, told, asked } = begun();
    attempt.progressed(['progress', 7, 1, 2, '"half"']);
    attempt.abort(why);
    expect(asked).toEqual([[7, why]]);
    attempt.finish(FAILED, why);
    const report = { ...REPORT, progress: { done: 1, total: 2 }, checkpoint: 'half' };
    expect(told).toEqual(['changed', { ...end, report }, 'over']);
  });

  test.each(REASONS)('is done when its work was done all the same: %s', (why) => {
    const { attempt, told } = begun();
    attempt.abort(why);
    attempt.finish(DONE, why);
    expect(told[0]).toMatchObject({ as: 'done', report: { result: 'Hello' } });
  });

  test('fails as ever when it had failed before its runner heard of it', () => {
    const { attempt, told } = begun();
    attempt.abort('cancelled');
    attempt.finish(FAILED, undefined);
    expect(told[0]).toEqual({ ...FAILED, report: REPORT });
  });

  test('is deaf after ten seconds, not counting the time in which its process is silent', () => {
    const { attempt } = begun();
    attempt.abort('cancelled');
    expect(lookFor(attempt, 10_000 - LOOK_MS)).toBe('fine');
    expect(lookFor(attempt, 60_000, false)).toBe('fine');
    expect(lookFor(attempt, LOOK_MS)).toBe('deaf');
  });

  test('is deaf after two seconds while its worker stops, whatever its process does', () => {
    for (const isResponsive of [true, false]) {
      const { attempt } = begun();
      attempt.abort('stopped');
      expect(lookFor(attempt, 2_000 - LOOK_MS, isResponsive)).toBe('fine');
      expect(lookFor(attempt, LOOK_MS, isResponsive)).toBe('deaf');
    }
  });

  test('because it is cancelled has no longer than two seconds once its worker stops', () => {
    const { attempt, asked } = begun();
    attempt.abort('cancelled');
    attempt.abort('cancelled');
    attempt.abort('stopped');
    attempt.abort('cancelled');
    expect(asked).toEqual([
      [7, 'cancelled'],
      [7, 'stopped'],
    ]);
    expect(lookFor(attempt, 2_000)).toBe('deaf');
  });

  test('because its time is up is deaf after ten seconds', () => {
    const { attempt } = begun();
    lookFor(attempt, LIMIT_MS);
    expect(lookFor(attempt, 10_000 - LOOK_MS)).toBe('fine');
    expect(lookFor(attempt, LOOK_MS)).toBe('deaf');
  });

  test.each(REASONS)(
    'and is deaf is given up as what it was asked for, and whatever comes later is nobody’s: %s',
    (why, end) => {
      const { attempt, told } = begun();
      attempt.abort(why);
      attempt.giveUp();
      attempt.finish(DONE, why);
      expect(told).toEqual([{ ...end, report: REPORT }, 'over']);
    },
  );

  test('because its time is up is given up without a second end', () => {
    const { attempt, told } = begun();
    lookFor(attempt, LIMIT_MS);
    attempt.giveUp();
    expect(told).toMatchObject([{ as: 'failed', error: { type: 'AttemptTimeout' } }, 'over']);
  });
});

describe('an attempt that no runner has room for', () => {
  test('or work for goes back, and says why', () => {
    const { attempt, told } = attemptOf();
    attempt.giveBack(0, 'unknownKind');
    expect(told).toEqual([{ as: 'returned', delayMs: 0, notHere: { why: 'unknownKind', worker: 'worker-1' } }, 'over']);
  });

  test('goes back, and says for how long', () => {
    const { attempt, told } = attemptOf();
    attempt.giveBack(1_500);
    expect(told).toEqual([{ as: 'returned', delayMs: 1_500 }, 'over']);
  });
});

describe('an attempt whose process is gone', () => {
  test.each([
    [0, 'nothing else ran in it'],
    [1, '1 other job ran in it'],
    [4, '4 other jobs ran in it'],
  ])('says how, and in whose company: %i others', (others, company) => {
    const { attempt, told } = begun();
    attempt.progressed(['progress', 7, 1, 2, '"half"']);
    attempt.lose({ how: 'was killed by SIGKILL', evidence: 'shared', others, isSuspect: false });
    const error = { type: 'WorkerLost', message: `its process was killed by SIGKILL while ${company}` };
    const report = { ...REPORT, progress: { done: 1, total: 2 }, checkpoint: 'half' };
    expect(told.slice(1)).toEqual([{ as: 'crashed', error, evidence: 'shared', report }, 'over']);
  });

  test('is suspect if it seems to have asked for it', () => {
    const { attempt, told } = begun();
    attempt.lose({ how: 'exited with code 3', evidence: 'alone', others: 0, isSuspect: true });
    expect(told[0]).toMatchObject({ as: 'crashed', evidence: 'alone', isSuspect: true });
  });

  test('after its time was up has failed, and is no crash', () => {
    const { attempt, told } = begun();
    lookFor(attempt, LIMIT_MS);
    attempt.lose({ how: 'was killed by SIGKILL', evidence: 'alone', others: 0, isSuspect: false });
    expect(told).toMatchObject([{ as: 'failed', error: { type: 'AttemptTimeout' } }, 'over']);
  });
});
