import { describe, expect, test } from 'vitest';
import { JOB_KINDS } from '../../src/contract/job-kinds.ts';
import { JOB_ARGS } from '../../src/contract/schemas/job-args.ts';
import { IdempotencyKeySchema, JobPatchSchema, JobRequestSchema } from '../../src/contract/schemas/job-request.ts';

const name = (text: unknown): boolean => JOB_ARGS.NameWorkflow.safeParse({ name: text }).success;
const request = (more: object): boolean =>
  JobRequestSchema.safeParse({ kind: 'NameWorkflow', args: { name: 'foo' }, ...more }).success;

describe('names', () => {
  test('are trimmed, and have 1 to 100 characters, however many bytes those take', () => {
    expect(JOB_ARGS.NameWorkflow.parse({ name: '  foo ' }).name).toBe('foo');
    expect(name('')).toBe(false);
    expect(name('   ')).toBe(false);
    expect(name('👩'.repeat(100))).toBe(true);
    expect(name('x'.repeat(101))).toBe(false);
  });

  test('hold no control characters', () => {
    for (const text of ['a\nb', 'a\u0000', 'a\u007Fb', 'a\u0085b'])
      expect(name(text), JSON.stringify(text)).toBe(false);
    expect(name('<script>alert(1)</script>')).toBe(true);
  });
});

describe('requests', () => {
  test('exist for every kind', () => {
    expect(Object.keys(JOB_ARGS).sort()).toEqual(Object.keys(JOB_KINDS).sort());
    const report = { kind: 'ReportWorkflow', args: { rows: 1, msPerRow: 0 } };
    expect(JobRequestSchema.safeParse(report).success).toBe(true);
    expect(request({ kind: 'NoSuchWorkflow' })).toBe(false);
  });

  test('name a due time with its zone, or a delay, but not both', () => {
    expect(request({ dueAt: '2030-01-01T00:00:00Z' })).toBe(true);
    expect(request({ dueAt: '2030-01-01T01:00:00+01:00' })).toBe(true);
    expect(request({ dueAt: '2030-01-01T00:00:00' })).toBe(false);
    expect(request({ dueAt: 'tomorrow' })).toBe(false);
    expect(request({ dueAt: '2130-01-01T00:00:00Z' })).toBe(false);
    expect(request({ delayMs: 10 })).toBe(true);
    expect(request({ delayMs: -1 })).toBe(false);
    expect(request({ delayMs: 10, dueAt: '2030-01-01T00:00:00Z' })).toBe(false);
  });

  test('cannot use the queue of the workflows, nor fields that do not exist', () => {
    expect(request({ queue: 'mailers' })).toBe(true);
    expect(request({ queue: 'holdfast' })).toBe(false);
    expect(request({ queue: 'a b' })).toBe(false);
    expect(request({ prioritty: 1 })).toBe(false);
    expect(request({ maxAttempts: 0 })).toBe(false);
    expect(request({ ladderMs: [] })).toBe(false);
  });
});

test('a patch changes something, and a due time alone', () => {
  expect(JobPatchSchema.safeParse({}).success).toBe(false);
  expect(JobPatchSchema.safeParse({ dueAt: '2030-01-01T00:00:00Z' }).success).toBe(true);
  expect(JobPatchSchema.safeParse({ dueAt: '2030-01-01T00:00:00Z', queue: 'x' }).success).toBe(false);
  expect(JobPatchSchema.safeParse({ queue: 'x', maxAttempts: 3 }).success).toBe(true);
});

test('an idempotency key has at most 255 printable bytes', () => {
  expect(IdempotencyKeySchema.safeParse('a'.repeat(255)).success).toBe(true);
  expect(IdempotencyKeySchema.safeParse('a'.repeat(256)).success).toBe(false);
  expect(IdempotencyKeySchema.safeParse('a b').success).toBe(false);
  expect(IdempotencyKeySchema.safeParse('ä').success).toBe(false);
});
