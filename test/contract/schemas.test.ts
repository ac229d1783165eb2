import { describe, expect, test } from 'vitest';
import { greet } from '../../src/demo/jobs/greet.ts';
import { itemId } from '../../src/job/group/groups.ts';
import { BulkLineSchema, JobPatchSchema, JobRequestSchema } from '../../src/contract/schemas/job-request.ts';
import { checkRequest } from '../../src/kinds/check-request.ts';
import { CATALOGUE } from '../support/kinds.ts';
import { IdempotencyKeySchema, RequestKeySchema } from '../../src/contract/schemas/start-keys.ts';

const name = (text: unknown): boolean => greet.args.safeParse({ name: text }).success;
/** By its schema, and then by its kind's own. */
function isTaken(schema: typeof JobRequestSchema | typeof BulkLineSchema, more: object): boolean {
  const parsed = schema.safeParse({ kind: 'NameWorkflow', args: { name: 'foo' }, ...more });
  return parsed.success && 'request' in checkRequest(CATALOGUE, parsed.data);
}
const request = (more: object): boolean => isTaken(JobRequestSchema, more);

describe('names', () => {
  test('are trimmed, and have 1 to 100 characters, however many bytes those take', () => {
    expect(greet.args.parse({ name: '  foo ' }).name).toBe('foo');
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
    expect(request({})).toBe(true);
    expect(request({ kind: 'WriteReport', args: { rows: 1, msPerRow: 0 } })).toBe(true);
    expect(request({ kind: 'WriteReport' })).toBe(false);
    expect(request({ kind: 'NoSuchWorkflow' })).toBe(false);
    expect(request({ kind: 'constructor' })).toBe(false);
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
    expect(request({ timeoutMs: 0 })).toBe(false);
    expect(request({ travels: 'alone' })).toBe(false);
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
  const line = (more: object): boolean => isTaken(BulkLineSchema, more);

  test('are requests, held to the same', () => {
    expect(line({ dueAt: '2030-01-01T00:00:00Z', queue: 'mailers', priority: 1 })).toBe(true);
    expect(line({ delayMs: 10, dueAt: '2030-01-01T00:00:00Z' })).toBe(false);
    expect(line({ prioritty: 1 })).toBe(false);
    expect(line({ args: { name: '' } })).toBe(false);
    expect(line({ kind: 'WriteReport', args: { rows: 1, msPerRow: 0 }, requestKey: 'a' })).toBe(true);
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
