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
} from '../../src/contract/blame.ts';
import type { LossEvidence } from '../../src/contract/job.ts';

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
