import { describe, expect, test } from 'vitest';
import { itemId } from '../../src/job/group/groups.ts';
import { JOB_KINDS } from '../../src/contract/job-kinds.ts';
import { JOB_ARGS } from '../../src/contract/schemas/job-args.ts';
import { BulkLineSchema, JobPatchSchema, JobRequestSchema } from '../../src/contract/schemas/job-request.ts';
import { IdempotencyKeySchema, RequestKeySchema } from '../../src/contract/schemas/start-keys.ts';

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
    const report = { kind: 'WriteReport', args: { rows: 1, msPerRow: 0 } };
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
    expect(request({ retryDelaysMs: [] })).toBe(false);
  });
});

test('a patch changes something, and a due time alone', () => {
  expect(JobPatchSchema.safeParse({}).success).toBe(false);
  expect(JobPatchSchema.safeParse({ dueAt: '2030-01-01T00:00:00Z' }).success).toBe(true);
  expect(JobPatchSchema.safeParse({ dueAt: '2030-01-01T00:00:00Z', queue: 'x' }).success).toBe(false);
  expect(JobPatchSchema.safeParse({ queue: 'x', maxAttempts: 3 }).success).toBe(true);
  const deep = JSON.parse(`{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`) as unknown;
  expect(JobPatchSchema.safeParse({ args: deep }).success).toBe(false);
});

test('an idempotency key has at most 255 printable bytes', () => {
  expect(IdempotencyKeySchema.safeParse('a'.repeat(255)).success).toBe(true);
  expect(IdempotencyKeySchema.safeParse('a'.repeat(256)).success).toBe(false);
  expect(IdempotencyKeySchema.safeParse('a b').success).toBe(false);
  expect(IdempotencyKeySchema.safeParse('ä').success).toBe(false);
});

test.each([
  ['an idempotency key', IdempotencyKeySchema],
  ['a request key', RequestKeySchema],
])('%s never looks like an id that Holdfast gives', (_, schema) => {
  const group = 'group-4cbe03c2-9d1f-4c8a-8f6e-0c5b6b1d7a11';
  for (const id of [group, itemId(group, 0), itemId(group, 499)]) expect(schema.safeParse(id).success, id).toBe(false);
  for (const key of ['group-1', `${group}.x`, `${group}.01`, `x${group}`, `${group.toUpperCase()}.0`])
    expect(schema.safeParse(key).success, key).toBe(true);
});

describe('lines of bulk requests', () => {
  const line = (more: object): boolean =>
    BulkLineSchema.safeParse({ kind: 'NameWorkflow', args: { name: 'foo' }, ...more }).success;

  test('are requests, held to the same', () => {
    expect(line({ dueAt: '2030-01-01T00:00:00Z', queue: 'mailers', priority: 1 })).toBe(true);
    expect(line({ delayMs: 10, dueAt: '2030-01-01T00:00:00Z' })).toBe(false);
    expect(line({ prioritty: 1 })).toBe(false);
    expect(line({ args: { name: '' } })).toBe(false);
    const report = { kind: 'WriteReport', args: { rows: 1, msPerRow: 0 }, requestKey: 'a' };
    expect(BulkLineSchema.safeParse(report).success).toBe(true);
  });

  test('have one key at most, and a first sending only with a request key', () => {
    expect(line({ idempotencyKey: 'a' })).toBe(true);
    expect(line({ requestKey: 'a', firstSentAt: '2030-01-01T00:00:00Z' })).toBe(true);
    expect(line({ idempotencyKey: 'a', requestKey: 'a' })).toBe(false);
    expect(line({ firstSentAt: '2030-01-01T00:00:00Z' })).toBe(false);
    expect(line({ idempotencyKey: 'a', firstSentAt: '2030-01-01T00:00:00Z' })).toBe(false);
    expect(line({ requestKey: 'a', firstSentAt: 'yesterday' })).toBe(false);
  });
});
