import { expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { defineJob, discardJob, implement, JobDefinitionError, type Attempt } from '../../src/index.ts';
import { InvalidJobError } from '../../src/client.ts';
import { runInline } from '../../src/testing.ts';

const args = z.object({ invoiceId: z.string().trim(), copies: z.number().default(1) });
const attemptOf = defineJob('AttemptOf', {
  args,
  queue: 'mailers',
  run: (_args, { jobId, kind, queue, number, dueAt, checkpoint, signal }) => ({
    jobId,
    kind,
    queue,
    number,
    dueAt,
    checkpoint,
    isAborted: signal.aborted,
  }),
});

test('runs the work with what the schema makes of the arguments, and gives its typed result', async () => {
  const print = defineJob('Print', { args, run: async (made) => ({ printed: made }) });
  const { result, note } = await runInline(print, { invoiceId: ' 7 ' });
  expect(result).toEqual({ printed: { invoiceId: '7', copies: 1 } });
  expect(note).toBeUndefined();
  expectTypeOf(result).toEqualTypeOf<{ printed: { invoiceId: string; copies: number } }>();
  // @ts-expect-error a number is no id
  const wrong = runInline(print, { invoiceId: 7 });
  await expect(wrong).rejects.toThrow(InvalidJobError);
  await expect(wrong).rejects.toThrow(/^not usable: args\.invoiceId /);
});

test('gives the result as a history keeps it', async () => {
  const at = defineJob('At', { args, run: () => ({ at: new Date(0), nothing: undefined }) });
  expect((await runInline(at, { invoiceId: '7' })).result).toEqual({ at: '1970-01-01T00:00:00.000Z' });
  const silent = defineJob('Silent', { args, run: () => {} });
  expect((await runInline(silent, { invoiceId: '7' })).result).toBeNull();
});

test('notes why a result would be left out: what is too large in a group is not alone', async () => {
  const run = (): string => 'x'.repeat(20_000);
  const inGroup = await runInline(defineJob('Large', { args, run }), { invoiceId: '7' });
  expect(inGroup).toMatchObject({ result: null, note: expect.stringContaining('the result was left out') });
  const alone = await runInline(defineJob('Large', { args, run, travels: 'alone' }), { invoiceId: '7' });
  expect(alone).toMatchObject({ result: run(), note: undefined });
});

test('is the first attempt of a job that is due now, unless the test says otherwise', async () => {
  const before = Date.now();
  const { result } = await runInline(attemptOf, { invoiceId: '7' });
  expect(result).toEqual({
    jobId: 'inline',
    kind: 'AttemptOf',
    queue: 'mailers',
    number: 1,
    isAborted: false,
    dueAt: expect.any(Number),
  });
  expect(result.dueAt).toBeGreaterThanOrEqual(before);

  const said = { jobId: 'invoice-7', number: 3, dueAt: 5, checkpoint: { page: 2 }, signal: AbortSignal.abort() };
  const other = await runInline(attemptOf, { invoiceId: '7' }, { attempt: said });
  expect(other.result).toMatchObject({
    jobId: 'invoice-7',
    number: 3,
    dueAt: 5,
    checkpoint: { page: 2 },
    isAborted: true,
  });
});

test('gives the work its world', async () => {
  const job = defineJob('World', { args, run: (_args, _attempt, world: { readonly limit: number }) => world.limit });
  expect((await runInline(job, { invoiceId: '7' }, { world: { limit: 5 } })).result).toBe(5);
});

test('tells of progress as it was at that moment', async () => {
  const job = defineJob('Progress', {
    args,
    run(_args, attempt) {
      const checkpoint = { page: 1 };
      attempt.progress(1, 3);
      attempt.progress(2, 3, checkpoint);
      checkpoint.page = 2;
    },
  });
  const { progress } = await runInline(job, { invoiceId: '7' });
  expect(progress).toEqual([
    { done: 1, total: 3, checkpoint: undefined },
    { done: 2, total: 3, checkpoint: { page: 1 } },
  ]);
});

test('refuses a checkpoint that is too large for how the kind travels', async () => {
  const run = (_args: unknown, attempt: Attempt): void => attempt.progress(1, 2, 'x'.repeat(5_000));
  await expect(runInline(defineJob('Large', { args, run }), { invoiceId: '7' })).rejects.toThrow(TypeError);
  const alone = await runInline(defineJob('Large', { args, run, travels: 'alone' }), { invoiceId: '7' });
  expect(alone.progress).toHaveLength(1);
});

test('tells which jobs would have been enqueued, and refuses those that could not', async () => {
  const child = defineJob('Child', { args: z.object({ n: z.number() }) });
  const parent = defineJob('Parent', {
    args,
    async run(_args, attempt) {
      const first = await attempt.enqueue(child, { n: 1 }, { delayMs: 5 });
      const second = await attempt.enqueue(child, { n: 2 });
      return [first, second];
    },
  });
  const { result, enqueued } = await runInline(parent, { invoiceId: '7' });
  expect(enqueued).toEqual([
    { job: child, args: { n: 1 }, options: { delayMs: 5 } },
    { job: child, args: { n: 2 }, options: {} },
  ]);
  expect(new Set(result.map(({ id }) => id)).size).toBe(2);

  const wrong = defineJob('Wrong', {
    args,
    run: async (_args, attempt) => attempt.enqueue(child, { n: 'one' } as never),
  });
  await expect(runInline(wrong, { invoiceId: '7' })).rejects.toThrow('args.n');
});

test('throws what the work throws', async () => {
  const gone = defineJob('Gone', {
    args,
    run() {
      throw discardJob('the invoice was cancelled');
    },
  });
  await expect(runInline(gone, { invoiceId: '7' })).rejects.toMatchObject({
    name: 'JobDiscarded',
    message: 'the invoice was cancelled',
  });
});

test('runs what implement made, and says so of a definition without work', async () => {
  const definition = defineJob('Print', { args, result: z.object({ pages: z.number() }) });
  const { result } = await runInline(
    implement(definition, ({ copies }) => ({ pages: copies })),
    { invoiceId: '7', copies: 2 },
  );
  expect(result).toEqual({ pages: 2 });
  await expect(runInline(definition, { invoiceId: '7' })).rejects.toThrow(JobDefinitionError);
  await expect(runInline(definition, { invoiceId: '7' })).rejects.toThrow('run what implement() makes of it');
});
