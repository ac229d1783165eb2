/** The work of a job, run once: by its definition, with what its schema makes of the arguments and the world of its process. */
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { BUDGETS } from '../../src/contract/budgets.ts';
import type { AttemptInput } from '../../src/job/job.ts';
import type { Attempt } from '../../src/kinds/job-definition.ts';
import { catalogueOf } from '../../src/kinds/catalogue.ts';
import { defineJob } from '../../src/kinds/define-job.ts';
import { type AnyJob } from '../../src/kinds/job-definition.ts';
import { runWork } from '../../src/runner/run-work.ts';
import { attemptInput } from '../support/kinds.ts';

// The work of these tests asks nothing of it.
const attempt = {} as Attempt;

async function run(job: AnyJob, input: Partial<AttemptInput> = {}, world?: unknown) {
  return runWork({ catalogue: catalogueOf([job]), world }, attemptInput({ kind: job.kind, ...input }), attempt);
}

const args = z.object({ name: z.string('must be text').trim().min(1, 'must not be empty') });

test('it gets what its schema makes of the arguments, its attempt, and the world', async () => {
  const work = vi.fn<(...given: unknown[]) => string>(() => 'ok');
  const world = { database: 1 };
  expect(await run(defineJob('A', { args, run: work }), { args: { name: ' foo ', more: 1 } }, world)).toEqual({
    as: 'done',
    result: 'ok',
  });
  expect(work).toHaveBeenCalledExactlyOnceWith({ name: 'foo' }, attempt, world);
});

test('a kind that is not here, or without work, is left to others', async () => {
  expect(await run(defineJob('A', { args, run: () => 1 }), { kind: 'B' })).toEqual({ as: 'unknownKind' });
  expect(await run(defineJob('A', { args, run: () => 1 }), { kind: 'toString' })).toEqual({ as: 'unknownKind' });
  expect(await run(defineJob('A', { args }))).toEqual({ as: 'unknownKind' });
});

test('arguments that do not fit are tried a second time before they are believed not to', async () => {
  const work = vi.fn<() => void>();
  const job = defineJob('A', { args, run: work });
  const error = { type: 'JobArgsInvalid', message: 'args.name must not be empty' };
  expect(await run(job, { args: { name: ' ' } })).toEqual({ as: 'failed', error, retryable: true });
  expect(await run(job, { args: { name: ' ' }, number: 2 })).toEqual({ as: 'failed', error, retryable: false });
  expect(work).not.toHaveBeenCalled();
});

test('a schema may take its time, and one that throws is a failure like any other', async () => {
  const schema = (validate: (value: unknown) => Promise<{ value: unknown }>) => ({
    '~standard': { version: 1 as const, vendor: 'late', validate, types: undefined as never },
  });
  const late = defineJob('A', { args: schema(async (value) => ({ value })), run: (given) => given });
  expect(await run(late, { args: { name: 'foo' } })).toEqual({ as: 'done', result: { name: 'foo' } });
  const broken = schema(async () => {
    throw new TypeError('no database');
  });
  expect(await run(defineJob('A', { args: broken, run: () => 1 }))).toMatchObject({
    as: 'failed',
    error: { type: 'TypeError', message: 'no database' },
    retryable: true,
  });
});

test('a group has room for a small result, and a job that travels alone for a large one', async () => {
  const job = defineJob('A', { args, run: () => 'x'.repeat(BUDGETS.resultInGroup) });
  expect(await run(job, { travels: 'inGroups' })).toMatchObject({ as: 'done', result: null, note: expect.any(String) });
  expect(await run(job, { travels: 'alone' })).toEqual({ as: 'done', result: 'x'.repeat(BUDGETS.resultInGroup) });
});
