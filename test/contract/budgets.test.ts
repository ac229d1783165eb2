import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BUDGETS, TEMPORAL_LIMITS } from '../../src/contract/budgets.ts';
import { clip, CLIPPED, jsonBytes, utf8Bytes } from '../../src/contract/clip.ts';
import type { JobErrorView } from '../../src/job/job.ts';
import { recordFromInput, type AttemptRecord, type JobRecord } from '../../src/job/job-record.ts';
import { viewJob } from '../../src/job/job-view.ts';
import { LIMITS } from '../../src/contract/limits.ts';
import { sumOf, WORST_CASES } from '../../src/contract/worst-cases.ts';

describe('no legal sequence reaches a limit of Temporal', () => {
  test.each(WORST_CASES.map((worst) => [worst.limit, worst.what, worst] as const))('%s: %s', (limit, _what, worst) => {
    expect(sumOf(worst)).toBeLessThan(TEMPORAL_LIMITS[limit]);
  });

  test('every limit has a worst case', () => {
    const bounded = new Set(WORST_CASES.map(({ limit }) => limit));
    expect([...bounded].sort()).toEqual([
      'historyBytes',
      'historyEvents',
      'payloadBytes',
      'searchAttributeBytes',
      'taskBytes',
      'updates',
    ]);
  });
});

describe('what a record weighs is what the arithmetic says', () => {
  const name = 'n'.repeat(BUDGETS.name);
  const error = { type: 't'.repeat(BUDGETS.errorType), message: 'm'.repeat(BUDGETS.errorMessage) };
  const newestError = { ...error, stack: 's'.repeat(BUDGETS.errorStack) } as JobErrorView;
  const longestRetryDelays = Array.from({ length: LIMITS.retryDelays }, () => LIMITS.delayMs);
  const now = Date.UTC(2_286, 0);
  const attempt: AttemptRecord = {
    number: 100_000,
    queuedAt: now,
    startedAt: now,
    endedAt: now,
    outcome: 'interrupted',
    worker: name,
    error: { ...error, message: clip(error.message, BUDGETS.olderErrorMessage) },
  };
  const fresh = (id: string, kind: string, more: object): JobRecord =>
    recordFromInput(id, kind, now, { args: {}, dueAt: new Date(now).toISOString(), ...more });
  const partsOf = (what: string): number => {
    const worst = WORST_CASES.find((each) => each.what.startsWith(what));
    return sumOf({ parts: worst?.parts.filter((part) => !part.what.startsWith('arguments')) ?? [] });
  };

  test('of a job on its own with a hundred failed attempts', () => {
    const record: JobRecord = {
      ...fresh(name, name, { queue: name, retryDelaysMs: longestRetryDelays }),
      lastNumber: 100_000,
      spent: 1_000,
      crashes: 100_000,
      crashesForgiven: 100_000,
      blame: {
        deaths: 19,
        alone: 2,
        isSuspect: true,
        lastAt: now,
        reached: -Number.MAX_VALUE,
        checkpoints: Array.from({ length: 20 }, () => 2 ** 32 - 1),
      },
      unexplainedDeaths: 1,
      deadSince: now,
      progress: { done: Number.MAX_VALUE, total: -Number.MAX_VALUE },
      checkpoint: 'c'.repeat(BUDGETS.checkpoint - 2),
      error: newestError,
      attempts: [
        ...Array.from({ length: LIMITS.attemptsShown - 1 }, () => attempt),
        { ...attempt, error: newestError },
      ],
    };
    expect(jsonBytes(record)).toBeLessThan(partsOf('a job on its own continues as new'));
  });

  test('of a job in a group, before anything has happened to it and after a few interruptions', () => {
    const id = 'group-00000000-0000-0000-0000-000000000000.499';
    const record = fresh(id, 'NameWorkflow', { queue: 'q'.repeat(100) });
    const interrupted = { ...attempt, worker: 'worker-4194304@host.example.org', error: newestErrorOfOurs };
    expect(jsonBytes(record)).toBeLessThan(BUDGETS.recordInGroup / 2);
    expect(jsonBytes({ ...record, attempts: [interrupted, interrupted] })).toBeLessThan(BUDGETS.recordInGroup);
  });
  const newestErrorOfOurs = { type: 'WorkerStopped', message: 'worker-4194304@host.example.org was stopped' };

  test('of the longest retry delays', () => {
    expect(jsonBytes(longestRetryDelays)).toBeLessThan(BUDGETS.retryDelays);
  });

  test('of the answer to an action', () => {
    const record: JobRecord = {
      ...fresh(name, name, { queue: name }),
      error: newestError,
      attempts: [{ ...attempt, error: newestError }],
    };
    expect(jsonBytes(viewJob(record))).toBeLessThan(BUDGETS.actionAnswer - BUDGETS.actor);
  });

  test('of the widest progress', () => {
    expect(jsonBytes({ done: -Number.MAX_VALUE, total: -Number.MIN_VALUE })).toBeLessThanOrEqual(BUDGETS.progress + 16);
  });
});

describe('clip', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.array(fc.integer({ min: 0, max: 0xff_ff }), { maxLength: 200 }).map((codes) => String.fromCharCode(...codes)),
    fc.string({ unit: fc.constantFrom('\u0000', '\u001F', '\n', '"', '\\', ' ', 'é', '€', '😀'), maxLength: 200 }),
  );

  test('leaves what fits, keeps a beginning of what does not, says so, and is well-formed', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 32, max: 300 }), (text, bytes) => {
        const clipped = clip(text, bytes);
        expect(clipped.isWellFormed()).toBe(true);
        expect(jsonBytes(clipped) - 2).toBeLessThanOrEqual(bytes);
        if (jsonBytes(text.toWellFormed()) - 2 <= bytes) expect(clipped).toBe(text.toWellFormed());
        else {
          expect(clipped.endsWith(CLIPPED)).toBe(true);
          const kept = clipped.slice(0, -CLIPPED.length);
          expect(text.toWellFormed().startsWith(kept)).toBe(true);
          // Another character would have been too much.
          expect(jsonBytes(clipped) - 2).toBeGreaterThan(bytes - 6);
        }
        expect(clip(clipped, bytes)).toBe(clipped);
      }),
    );
  });

  test.each([
    ['an emoji that does not fit whole', '😀'.repeat(20), 40],
    ['half an emoji in the middle', `a\ud83d${'b'.repeat(50)}`, 40],
    ['a text that ends within an emoji', `${'a'.repeat(40)}😀`, 40],
    ['three megabytes', 'x'.repeat(3_000_000), 4_096],
  ])('%s', (_what, text, bytes) => {
    const clipped = clip(text, bytes);
    expect(clipped.isWellFormed()).toBe(true);
    expect(clipped.endsWith(CLIPPED)).toBe(true);
    expect(utf8Bytes(clipped)).toBeLessThanOrEqual(bytes);
  });
});

test('the weight of a value is that of its JSON in UTF-8', () => {
  const value = { text: 'é€😀\n\u0001"', half: '\ud83d', list: [1, null] };
  expect(jsonBytes(value)).toBe(Buffer.byteLength(JSON.stringify(value)));
  expect(jsonBytes(undefined)).toBe(0);
});
