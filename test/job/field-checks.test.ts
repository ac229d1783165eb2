/** One job, one judgement: what the web's schemas take of a field, starts and edits take as well, and nothing else. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BUDGETS } from '../../src/contract/budgets.ts';
import { FIELD_CHECKS, problemWithField, type Field } from '../../src/job/field-checks.ts';
import { LIMITS } from '../../src/contract/limits.ts';
import { readAction } from '../../src/job/read-action.ts';
import { readStart } from '../../src/job/read-start.ts';
import { JobPatchSchema, JobRequestSchema } from '../../src/contract/schemas/job-request.ts';

const whole = fc.oneof(
  fc.integer(),
  fc.constantFrom(
    0,
    1,
    LIMITS.maxAttempts,
    LIMITS.maxAttempts + 1,
    LIMITS.timeoutMs,
    LIMITS.timeoutMs + 1,
    LIMITS.delayMs,
    LIMITS.delayMs + 1,
  ),
);
const value = fc.oneof(
  fc.jsonValue(),
  whole,
  fc.double(),
  fc.array(whole, { maxLength: 3 }),
  fc.array(fc.constant(1), { minLength: LIMITS.retryDelays - 1, maxLength: LIMITS.retryDelays + 1 }),
  fc.string({ unit: fc.constantFrom('a', 'Z', '0', ':', '.', '-', '_', ' '), maxLength: 101 }),
  fc.constantFrom(
    'holdfast',
    'holdfast2',
    'tenant:42',
    '2030-01-01T00:00:00Z',
    '2030-02-30T00:00:00Z',
    '9999-01-01T00:00:00Z',
  ),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
);

const REQUESTED: readonly Field[] = [
  'queue',
  'priority',
  'dueAt',
  'delayMs',
  'maxAttempts',
  'retryDelaysMs',
  'timeoutMs',
];

test.each(REQUESTED)('a request, a start and an edit agree on every %s', (field) => {
  fc.assert(
    fc.property(value, (given) => {
      const isTaken = JobRequestSchema.safeParse({
        kind: 'NameWorkflow',
        args: { name: 'foo' },
        [field]: given,
      }).success;
      expect(problemWithField(field, given, Date.now()) === undefined).toBe(isTaken);
      expect(readStart([{ args: {}, [field]: given }], Date.now()).problems.length === 0).toBe(isTaken);
      if (!JobPatchSchema.safeParse({ [field]: given }).success || field === 'dueAt') return;
      expect(readAction('edit', { changes: { [field]: given } })).toMatchObject({ type: 'edit' });
    }),
    { numRuns: 1_000 },
  );
});

describe('arguments', () => {
  const takes = (args: unknown): boolean => FIELD_CHECKS.args.isUsable(args, 0);
  const nested = (levels: number): unknown => JSON.parse(`{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`);

  test.each([[[]], ['foo'], [null], [5], [undefined], [new Uint8Array(3)]])('are no %j', (args) => {
    expect(takes(args)).toBe(false);
  });

  test('have a limit in bytes, not in characters', () => {
    const rest = '{"name":""}'.length;
    expect(takes({ name: 'x'.repeat(BUDGETS.arguments - rest) })).toBe(true);
    expect(takes({ name: 'x'.repeat(BUDGETS.arguments - rest + 1) })).toBe(false);
    expect(takes({ name: '€'.repeat(Math.floor((BUDGETS.arguments - rest) / 3)) })).toBe(true);
    expect(takes({ name: '€'.repeat(Math.ceil((BUDGETS.arguments - rest) / 3) + 1) })).toBe(false);
  });

  test('have a limit in depth, below that of any stack', () => {
    expect(takes(nested(LIMITS.nesting - 1))).toBe(true);
    expect(takes(nested(LIMITS.nesting))).toBe(false);
    expect(takes(nested(1_000_000))).toBe(false);
  });
});

describe('a start that is not usable', () => {
  const problems = (...inputs: readonly unknown[]): string => readStart(inputs, 0).problems.join('\n');

  test('keeps what is usable of it', () => {
    const { input } = readStart([{ args: { name: 'foo' }, queue: 5, maxAttempts: 3 }], 0);
    expect(input).toEqual({ args: { name: 'foo' }, maxAttempts: 3 });
  });

  test('names each field, and what it has to be', () => {
    const said = problems({ queue: 5, retryDelaysMs: [] });
    expect(said).toContain('queue is not usable: it must be 1–100 letters');
    expect(said).toContain('retryDelaysMs is not usable: it must be a list');
    expect(said).toContain('args is missing: it must be an object');
  });

  test('names what somebody made up in well-formed text, and not the whole of it', () => {
    const said = problems({ args: {}, [`\ud83d${'x'.repeat(1_000)}`]: 1 });
    expect(said.isWellFormed()).toBe(true);
    expect(said.length).toBeLessThan(300);
  });
});
