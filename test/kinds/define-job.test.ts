/** What a definition takes, what it fills in, and what its types say to whoever enqueues the kind or reads its result. */
import * as v from 'valibot';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import {
  defineConfig,
  defineJob,
  implement,
  JobDefinitionError,
  type ArgsOf,
  type Attempt,
  type JobSettings,
  type ResultOf,
} from '../../src/index.ts';
import { DEFAULT_MAX_ATTEMPTS, DEFAULT_RETRY_DELAYS_MS } from '../../src/job/retry-delays.ts';

const args = z.object({ invoiceId: z.string() });

describe('a definition', () => {
  test('that says no more than its arguments has every option of the defaults', () => {
    const job = defineJob('SendInvoice', { args });
    expect(job).toEqual({
      kind: 'SendInvoice',
      args,
      run: undefined,
      result: undefined,
      summary: undefined,
      queue: 'default',
      options: {
        maxAttempts: DEFAULT_MAX_ATTEMPTS,
        retryDelaysMs: DEFAULT_RETRY_DELAYS_MS,
        timeoutMs: 60_000,
        travels: 'inGroups',
      },
      isolated: false,
      maxBusyMs: undefined,
    });
  });

  test('keeps what it says', () => {
    const run = (): number => 5;
    const result = z.number();
    const options = { maxAttempts: 8, retryDelaysMs: [1_000, 5_000], timeoutMs: 5_000, travels: 'alone' } as const;
    const job = defineJob('SendInvoice', {
      args,
      run,
      result,
      summary: 'Sends it.',
      queue: 'mailers',
      isolated: true,
      maxBusyMs: 1_000,
      ...options,
    });
    expect(job).toMatchObject({ run, result, summary: 'Sends it.', queue: 'mailers', options, isolated: true });
    expect(job.maxBusyMs).toBe(1_000);
  });

  test.each(['SendInvoice', 'a', 'Billing::SendInvoice', 'app.jobs:send_invoice', 'v2-send', 'a'.repeat(100)])(
    'may be called %s',
    (kind) => {
      expect(defineJob(kind, { args }).kind).toBe(kind);
    },
  );

  test.each(['', '5th', 'send invoice', 'späť', 'a'.repeat(101), '_private', 'a/b'])(
    'may not be called %j: no letter in front, or other characters, or too long',
    (kind) => {
      expect(() => defineJob(kind, { args })).toThrow(JobDefinitionError);
      expect(() => defineJob(kind, { args })).toThrow(
        `${JSON.stringify(kind)} cannot name a kind: it must be a letter`,
      );
    },
  );

  test.each(['GroupWorkflow', 'groupworkflow', 'holdfast', 'Holdfast', 'holdfast.cleanup', 'holdfast:a', 'HOLDFAST-x'])(
    'may not be called %s, which Holdfast has for itself',
    (kind) => {
      expect(() => defineJob(kind, { args })).toThrow('no name that Holdfast has for itself');
    },
  );

  test('may have a name that only begins like one of those', () => {
    expect(defineJob('HoldfastInvoice', { args }).kind).toBe('HoldfastInvoice');
    expect(defineJob('GroupWorkflows', { args }).kind).toBe('GroupWorkflows');
  });

  test.each([
    [
      'queue',
      { queue: 'holdfast' },
      'SendInvoice: queue must be 1–100 letters, digits, _ . : or -, and not "holdfast"',
    ],
    ['queue', { queue: 'mail ers' }, 'SendInvoice: queue must be'],
    ['maxAttempts', { maxAttempts: 0 }, 'SendInvoice: maxAttempts must be a whole number from 1 to 1000'],
    ['maxAttempts', { maxAttempts: 1.5 }, 'SendInvoice: maxAttempts must be'],
    ['retryDelaysMs', { retryDelaysMs: [] }, 'SendInvoice: retryDelaysMs must be a list of 1–100 whole numbers'],
    ['retryDelaysMs', { retryDelaysMs: [-1] }, 'SendInvoice: retryDelaysMs must be'],
    ['timeoutMs', { timeoutMs: 0 }, 'SendInvoice: timeoutMs must be a whole number of milliseconds from 1'],
    ['timeoutMs', { timeoutMs: Number.POSITIVE_INFINITY }, 'SendInvoice: timeoutMs must be'],
    ['travels', { travels: 'byTrain' }, 'SendInvoice: travels must be "inGroups" or "alone"'],
    ['maxBusyMs', { maxBusyMs: 999 }, 'SendInvoice: maxBusyMs must be from 1000 to 3000000 milliseconds'],
    ['maxBusyMs', { maxBusyMs: Number.NaN }, 'SendInvoice: maxBusyMs must be'],
    ['args', { args: { type: 'object' } }, 'SendInvoice: args must be a Standard Schema, such as z.object({ … })'],
    ['args', { args: undefined }, 'SendInvoice: args must be a Standard Schema'],
  ])('with an unusable %s is refused where it stands: %j', (_field, settings, message) => {
    const define = (): unknown =>
      defineJob('SendInvoice', { args, ...settings } as JobSettings<typeof args, unknown, unknown>);
    expect(define).toThrow(JobDefinitionError);
    expect(define).toThrow(message);
  });
});

describe('implement', () => {
  const definition = defineJob('SendInvoice', { args, queue: 'mailers', result: z.object({ messageId: z.string() }) });

  test('gives work to a definition, and leaves the definition as it is', () => {
    const run = (): { messageId: string } => ({ messageId: 'm' });
    const job = implement(definition, run);
    expect(job).toEqual({ ...definition, run });
    expect(definition.run).toBeUndefined();
  });

  test('refuses a definition that has its work', () => {
    const done = defineJob('SendInvoice', { args, run: () => 5 });
    expect(() => implement(done, () => 6)).toThrow('SendInvoice has its work already');
  });
});

describe('types', () => {
  const coerced = z.object({ on: z.string().transform((text) => new Date(text)), copies: z.number().default(1) });

  test('callers give what the schema takes, the work gets what it makes of that', () => {
    const job = defineJob('Print', {
      args: coerced,
      run(made, attempt) {
        expectTypeOf(made).toEqualTypeOf<{ on: Date; copies: number }>();
        expectTypeOf(attempt).toEqualTypeOf<Attempt>();
        return made.copies;
      },
    });
    expectTypeOf<ArgsOf<typeof job>>().toEqualTypeOf<{ on: string; copies?: number | undefined }>();
    expectTypeOf<ResultOf<typeof job>>().toEqualTypeOf<number>();
    expectTypeOf(job.kind).toEqualTypeOf<'Print'>();
  });

  test('what the work returns, or promises, is the result', () => {
    const job = defineJob('Print', { args: coerced, run: async () => ({ pages: 5 }) });
    expectTypeOf<ResultOf<typeof job>>().toEqualTypeOf<{ pages: number }>();
  });

  test('without work, the schema of the result types it, and nothing does without one', () => {
    const typed = defineJob('Print', { args: coerced, result: z.object({ pages: z.number() }) });
    expectTypeOf<ResultOf<typeof typed>>().toEqualTypeOf<{ pages: number }>();
    const untyped = defineJob('Print', { args: coerced });
    expectTypeOf<ResultOf<typeof untyped>>().toEqualTypeOf<unknown>();
  });

  test('work that returns something else than the result’s schema takes does not compile', () => {
    const typed = defineJob('Print', { args: coerced, result: z.object({ pages: z.number() }) });
    const run = (): { sheets: number } => ({ sheets: 5 });
    // @ts-expect-error no pages
    expect(implement(typed, run).run).toBe(run);
    // @ts-expect-error no pages
    expect(defineJob('Print', { args: coerced, result: z.object({ pages: z.number() }), run }).run).toBe(run);
  });

  test('any Standard Schema will do', () => {
    const job = defineJob('Print', {
      args: v.object({ copies: v.optional(v.number(), 1) }),
      run({ copies }) {
        expectTypeOf(copies).toEqualTypeOf<number>();
      },
    });
    expectTypeOf<ArgsOf<typeof job>>().toEqualTypeOf<{ copies?: number | undefined }>();
  });

  test('arguments are an object', () => {
    const text = z.string();
    // @ts-expect-error a string is none
    expect(defineJob('Print', { args: text }).args).toBe(text);
  });

  test('jobs get the world that setup makes, and a configuration without it does not compile', () => {
    interface World {
      readonly database: string;
    }
    const job = defineJob('Print', { args: coerced, run: async (_args, _attempt, { database }: World) => database });
    const worldless = defineJob('Greet', { args: coerced, run: () => 'hello' });
    expectTypeOf<ResultOf<typeof job>>().toEqualTypeOf<string>();
    const config = defineConfig({
      jobs: [job, worldless],
      setup: async () => ({ database: 'invoices', other: 5 }),
      teardown: (world) => void world.database,
    });
    expect(config.jobs).toHaveLength(2);
    // @ts-expect-error another world
    defineConfig({ jobs: [job], setup: () => ({ queue: 'invoices' }) });
  });

  test('implement knows the world of its work', () => {
    const definition = defineJob('Print', { args: coerced });
    const job = implement(definition, ({ copies }, _attempt, { limit }: { limit: number }) => Math.min(copies, limit));
    expect(defineConfig({ jobs: [job], setup: () => ({ limit: 5 }) }).jobs).toEqual([job]);
    // @ts-expect-error no limit
    defineConfig({ jobs: [job], setup: () => ({}) });
  });
});
