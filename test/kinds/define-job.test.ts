/** Kinds as values: what a definition may be, what it settles, and what its types say to callers and to the work. */
import { describe, expect, expectTypeOf, test } from 'vitest';
import * as v from 'valibot';
import { z } from 'zod';
import { catalogueOf, checkWork, unknownKind } from '../../src/kinds/catalogue.ts';
import { checkArgs } from '../../src/kinds/check-args.ts';
import { checkRequest } from '../../src/kinds/check-request.ts';
import {
  defineJob,
  implement,
  JobDefinitionError,
  type ArgsOf,
  type JobSettings,
  type ResultOf,
} from '../../src/kinds/define-job.ts';
import { settle } from '../../src/kinds/settle.ts';
import { DEFAULT_MAX_ATTEMPTS, DEFAULT_RETRY_DELAYS_MS } from '../../src/job/retry-delays.ts';

const args = z.object({ invoiceId: z.string() });
const sendInvoice = defineJob('SendInvoice', { args, run: ({ invoiceId }) => invoiceId.length });

describe('a definition', () => {
  test('has defaults for all that it does not say', () => {
    const { queue, options, isolated, maxBusyMs } = defineJob('Billing::send_invoice', { args });
    expect({ queue, isolated, maxBusyMs }).toEqual({ queue: 'default', isolated: false, maxBusyMs: undefined });
    expect(options).toEqual({
      maxAttempts: DEFAULT_MAX_ATTEMPTS,
      retryDelaysMs: DEFAULT_RETRY_DELAYS_MS,
      timeoutMs: 60_000,
      travels: 'inGroups',
    });
  });

  test.each(['', '1st', 'two words', 'a/b', 'x'.repeat(101), 'GroupWorkflow', 'holdfast', 'Holdfast.later'])(
    'cannot be called %j',
    (kind) => {
      expect(() => defineJob(kind, { args })).toThrow(JobDefinitionError);
      expect(() => defineJob(kind, { args })).toThrow(JSON.stringify(kind));
    },
  );

  test.each<[string, Partial<JobSettings<typeof args, unknown, unknown>>]>([
    ['queue', { queue: 'holdfast' }],
    ['queue', { queue: 'a b' }],
    ['maxAttempts', { maxAttempts: 0 }],
    ['retryDelaysMs', { retryDelaysMs: [] }],
    ['timeoutMs', { timeoutMs: 0.5 }],
    ['travels', { travels: 'by train' as 'alone' }],
    ['maxBusyMs', { maxBusyMs: 5 }],
    ['args', { args: { parse: () => ({}) } as never }],
  ])('is refused where its %s is not usable, naming the kind: %j', (field, settings) => {
    expect(() => defineJob('SendInvoice', { args, ...settings })).toThrow(new RegExp(`^SendInvoice: ${field} must be`));
  });

  test('types its callers’ arguments, its work’s, and its result', () => {
    const trimmed = defineJob('Trimmed', {
      args: z.object({ when: z.iso.datetime().transform((text) => new Date(text)), times: z.number().default(1) }),
      run: ({ when, times }) => when.getTime() * times,
    });
    expectTypeOf<ArgsOf<typeof trimmed>>().toEqualTypeOf<{ when: string; times?: number | undefined }>();
    expectTypeOf<ResultOf<typeof trimmed>>().toEqualTypeOf<number>();
    const elsewhere = defineJob('Elsewhere', { args, result: z.object({ sent: z.boolean() }) });
    expectTypeOf<ResultOf<typeof elsewhere>>().toEqualTypeOf<{ sent: boolean }>();
    // @ts-expect-error its work returns something else
    implement(elsewhere, () => ({ sent: 'yes' }));
    expect(implement(elsewhere, () => ({ sent: true })).kind).toBe('Elsewhere');
  });

  test('has one work', () => {
    expect(() => implement(sendInvoice, () => 1)).toThrow('SendInvoice has its work already');
  });
});

describe('a catalogue', () => {
  test('has each kind once', () => {
    expect(() => catalogueOf([sendInvoice, sendInvoice])).toThrow('the kind SendInvoice is listed twice');
    expect(catalogueOf([sendInvoice]).find('SendInvoice')).toBe(sendInvoice);
    expect(catalogueOf([sendInvoice]).find('constructor')).toBeUndefined();
  });

  test('of a process that runs jobs has the work of each', () => {
    const without = [defineJob('A', { args }), sendInvoice, defineJob('B', { args })];
    expect(() => checkWork(catalogueOf(without))).toThrow('without work: A, B');
    expect(() => checkWork(catalogueOf([sendInvoice]))).not.toThrow();
  });

  test('says of a kind that it has not what it has', () => {
    const of = (...kinds: string[]) => catalogueOf(kinds.map((kind) => defineJob(kind, { args })));
    expect(unknownKind(of('SendInvoice', 'Greet'), 'sendInvoices')).toBe(
      '"sendInvoices" is no kind of job here; did you mean SendInvoice?',
    );
    expect(unknownKind(of('SendInvoice', 'Greet'), 'Tea')).toBe(
      '"Tea" is no kind of job here; these are: SendInvoice, Greet',
    );
    expect(unknownKind(of(), 'Tea')).toBe('"Tea" is no kind of job here: holdfast.config lists none');
    const many = Array.from({ length: 30 }, (_, n) => `Kind${n}OfThem`);
    expect(unknownKind(of(...many), 'x'.repeat(100_000)).length).toBeLessThan(600);
  });
});

describe('arguments', () => {
  const late = {
    '~standard': {
      version: 1 as const,
      vendor: 'late',
      validate: async (value: unknown) =>
        value === 'good' ? { value } : { issues: [{ message: 'must be good', path: [{ key: 'a' }, 'b'] }] },
      types: undefined as { input: object; output: unknown } | undefined,
    },
  };

  test.each([
    ['zod', z.object({ n: z.number('must be a number') })],
    ['Valibot', v.object({ n: v.number('must be a number') })],
  ])('are checked by a schema of %s, and named by their fields', (_, schema) => {
    const job = defineJob('Checked', { args: schema });
    expect(checkArgs(job, { n: 5 })).toEqual({ args: { n: 5 } });
    expect(checkArgs(job, { n: 'x' })).toEqual({ issues: [{ path: ['args', 'n'], message: 'must be a number' }] });
  });

  test('that a kind does not know are named each', () => {
    const job = defineJob('Strict', { args: z.object({ a: z.strictObject({ b: z.number() }) }) });
    expect(checkArgs(job, { a: { b: 1, c: 2, d: 3 } })).toEqual({
      issues: [
        { path: ['args', 'a', 'c'], message: 'is not known here' },
        { path: ['args', 'a', 'd'], message: 'is not known here' },
      ],
    });
  });

  test('may be checked by a schema that takes its time', async () => {
    const job = defineJob('Late', { args: late });
    const checking = checkArgs(job, 'good');
    expect(checking).toBeInstanceOf(Promise);
    expect(await checking).toEqual({ args: 'good' });
    expect(await checkArgs(job, 'bad')).toEqual({ issues: [{ path: ['args', 'a', 'b'], message: 'must be good' }] });
    const asked = { kind: 'Late', args: {} };
    expect(await checkRequest(catalogueOf([job]), asked)).toMatchObject({ issues: [{ path: ['args', 'a', 'b'] }] });
  });
});

describe('a request', () => {
  const defined = defineJob('Defined', { args, queue: 'mailers', maxAttempts: 3, timeoutMs: 5_000, travels: 'alone' });

  test('has what its definition settles, by the same object for all that say nothing else', () => {
    const request = settle(defined, { kind: 'Defined', args: { invoiceId: '1' } });
    expect(request).toMatchObject({ kind: 'Defined', queue: 'mailers', args: { invoiceId: '1' } });
    expect(request.options).toBe(defined.options);
  });

  test('may differ in all but how it travels', () => {
    const asked = { kind: 'Defined', args: {}, queue: 'other', maxAttempts: 1, retryDelaysMs: [1], timeoutMs: 7 };
    const { queue, options } = settle(defined, asked);
    expect({ queue, options }).toEqual({
      queue: 'other',
      options: { maxAttempts: 1, retryDelaysMs: [1], timeoutMs: 7, travels: 'alone' },
    });
  });

  test('keeps its arguments as they came', () => {
    const trimmed = defineJob('Trimmed', { args: z.object({ name: z.string().trim() }) });
    const checked = checkRequest(catalogueOf([trimmed]), { kind: 'Trimmed', args: { name: ' foo ' } });
    expect(checked).toMatchObject({ request: { args: { name: ' foo ' } } });
  });

  test('for a kind that there is not is refused, naming the field', () => {
    const refused = checkRequest(catalogueOf([defined]), { kind: 'Defind', args: {} });
    expect(refused).toEqual({ issues: [{ path: ['kind'], message: unknownKind(catalogueOf([defined]), 'Defind') }] });
  });
});
