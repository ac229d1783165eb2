/** From what a caller asks for to what is enqueued: arguments as they came, and every option settled. */
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { catalogueOf } from '../../src/kinds/catalogue.ts';
import { checkJob } from '../../src/kinds/check-job.ts';
import { checkRequest, checkRequestOf } from '../../src/kinds/check-request.ts';
import { defineJob } from '../../src/kinds/define-job.ts';
import { InvalidJobError } from '../../src/kinds/invalid-job-error.ts';

const sendInvoice = defineJob('SendInvoice', {
  args: z.object({ invoiceId: z.string().trim(), copies: z.number().default(1) }),
  queue: 'mailers',
  maxAttempts: 8,
  retryDelaysMs: [1_000],
  timeoutMs: 5_000,
});
const catalogue = catalogueOf([sendInvoice]);
const args = { invoiceId: ' 7 ' };

describe('a request', () => {
  test('has its arguments as they came, and the options of its kind', async () => {
    expect(await checkRequest(catalogue, { kind: 'SendInvoice', args })).toEqual({
      request: {
        kind: 'SendInvoice',
        args,
        dueAt: undefined,
        delayMs: undefined,
        queue: 'mailers',
        priority: undefined,
        options: { maxAttempts: 8, retryDelaysMs: [1_000], timeoutMs: 5_000, travels: 'inGroups' },
      },
    });
  });

  test('shares the options of its kind, as jobs of a group do, unless it has its own', () => {
    expect(checkRequestOf(sendInvoice, { kind: 'SendInvoice', args })).toHaveProperty(
      'request.options',
      sendInvoice.options,
    );
    expect(checkRequestOf(sendInvoice, { kind: 'SendInvoice', args, queue: 'slow', priority: 1 })).toMatchObject({
      request: { queue: 'slow', priority: 1, options: sendInvoice.options },
    });
    expect(checkRequestOf(sendInvoice, { kind: 'SendInvoice', args, maxAttempts: 1, delayMs: 5 })).toMatchObject({
      request: { delayMs: 5, options: { ...sendInvoice.options, maxAttempts: 1 } },
    });
    const delays = { retryDelaysMs: [5], timeoutMs: 9 };
    expect(checkRequestOf(sendInvoice, { kind: 'SendInvoice', args, ...delays })).toMatchObject({
      request: { options: { ...sendInvoice.options, ...delays } },
    });
  });

  test('with arguments that do not fit says where', async () => {
    const wrong = { invoiceId: 7, copies: 'two' };
    expect(await checkRequest(catalogue, { kind: 'SendInvoice', args: wrong })).toMatchObject({
      issues: [{ path: ['args', 'invoiceId'] }, { path: ['args', 'copies'] }],
    });
  });

  test('of a kind that nobody knows says which one may be meant', async () => {
    expect(await checkRequest(catalogue, { kind: 'SendInvoce', args })).toEqual({
      issues: [{ path: ['kind'], message: '"SendInvoce" is no kind of job here; did you mean SendInvoice?' }],
    });
  });

  test('waits for a schema that takes its time', async () => {
    const slow = defineJob('Slow', {
      args: z.object({ n: z.number().refine(async (n) => n > 0, 'must be positive') }),
    });
    const checked = checkRequestOf(slow, { kind: 'Slow', args: { n: 1 } });
    expect(checked).toBeInstanceOf(Promise);
    expect(await checked).toMatchObject({ request: { args: { n: 1 } } });
    expect(await checkRequestOf(slow, { kind: 'Slow', args: { n: -1 } })).toEqual({
      issues: [{ path: ['args', 'n'], message: 'must be positive' }],
    });
  });

  test('is checked by any Standard Schema, whose paths may be of objects', () => {
    const job = defineJob('Valibot', { args: v.object({ lines: v.array(v.object({ price: v.number() })) }) });
    expect(checkRequestOf(job, { kind: 'Valibot', args: { lines: [{ price: '5' }] } })).toMatchObject({
      issues: [{ path: ['args', 'lines', 0, 'price'] }],
    });
  });
});

describe('a job of a program', () => {
  test('carries dates as times, and its keys apart', async () => {
    const dueAt = new Date(Date.now() + 60_000);
    const checked = await checkJob({ job: sendInvoice, args, dueAt, requestKey: 'k', firstSentAt: dueAt });
    expect(checked).toMatchObject({
      request: { kind: 'SendInvoice', dueAt: dueAt.toISOString() },
      keys: { requestKey: 'k', firstSentAt: dueAt.toISOString(), idempotencyKey: undefined },
    });
  });

  test('is a copy, whatever its owner does with the arguments next', async () => {
    const mine = { invoiceId: '7' };
    const checking = checkJob({ job: sendInvoice, args: mine });
    mine.invoiceId = 'changed';
    expect(await checking).toMatchObject({ request: { args: { invoiceId: '7' } } });
  });

  test('is refused with every field that is wrong', async () => {
    const wrong = checkJob({ job: sendInvoice, args, maxAttempts: 0, priority: 9 });
    await expect(wrong).rejects.toThrow(InvalidJobError);
    await expect(wrong).rejects.toThrow(/^not usable: .*priority .*maxAttempts |maxAttempts .*priority /);
  });

  test.each([
    ['fit no schema', { invoiceId: 7 }, /not usable: args\.invoiceId /],
    ['are a cycle', cycle(), /not usable: args is no JSON: TypeError/],
    ['are a bigint', { invoiceId: 7n }, /not usable: args is no JSON: TypeError/],
    ['are a list', [], /not usable: args /],
    ['are nothing', undefined, /not usable: args /],
  ])('is refused when its arguments %s', async (_what, unusable, message) => {
    await expect(checkJob({ job: sendInvoice, args: unusable as never })).rejects.toThrow(message);
  });

  test('is due at one time', async () => {
    const both = checkJob({ job: sendInvoice, args, dueAt: new Date(), delayMs: 5 });
    await expect(both).rejects.toThrow('delayMs give dueAt or delayMs, not both');
    await expect(checkJob({ job: sendInvoice, args, dueAt: new Date('tomorrow') })).rejects.toThrow(
      'not usable: dueAt must be an ISO 8601 date and time with its zone',
    );
  });
});

function cycle(): object {
  const round: Record<string, unknown> = {};
  round['round'] = round;
  return round;
}
