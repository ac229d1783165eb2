/** What a worker says of an attempt's end is what a workflow and a history read, and an application cannot say it. */
import {
  ApplicationFailure,
  DefaultFailureConverter,
  defaultPayloadConverter,
  type TemporalFailure,
} from '@temporalio/common';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { attemptEndFromError, failureOf, type UnsuccessfulEnd } from '../../src/job/attempt-end.ts';
import { FAILURE } from '../../src/contract/failures.ts';

const converter = new DefaultFailureConverter();

/** As it arrives. */
function sent(failure: TemporalFailure): unknown {
  const proto = converter.errorToFailure(failure, defaultPayloadConverter);
  return converter.failureToError(proto, defaultPayloadConverter);
}

const error = fc.record(
  {
    type: fc.string({ minLength: 1, unit: 'grapheme' }),
    message: fc.string({ unit: 'grapheme' }),
    stack: fc.constant('at here (file.ts:1:2)'),
  },
  { requiredKeys: ['type', 'message'] },
);
const report = fc.record(
  {
    startedAt: fc.nat(),
    endedAt: fc.nat(),
    worker: fc.constant('worker-1'),
    progress: fc.record({ done: fc.nat(), total: fc.nat() }),
    checkpoint: fc.jsonValue(),
    stray: fc.constant('Error: nobody caught it'),
  },
  { requiredKeys: ['startedAt', 'worker'] },
);
const end: fc.Arbitrary<UnsuccessfulEnd> = fc.oneof(
  fc.record(
    { as: fc.constant('failed' as const), error, retryable: fc.boolean(), delayMs: fc.nat(), report },
    { requiredKeys: ['as', 'error', 'retryable'] },
  ),
  fc.record(
    {
      as: fc.constant('crashed' as const),
      error,
      evidence: fc.constantFrom('alone' as const, 'shared' as const, 'none' as const),
      isSuspect: fc.constant(true),
      report,
    },
    { requiredKeys: ['as', 'error', 'evidence'] },
  ),
  fc.record(
    { as: fc.constantFrom('discarded' as const, 'interrupted' as const), error, report },
    { requiredKeys: ['as', 'error'] },
  ),
  fc.record({ as: fc.constant('returned' as const), delayMs: fc.nat() }),
);

test('every end arrives as it was sent', () => {
  fc.assert(
    fc.property(end, (told) => {
      expect(JSON.parse(JSON.stringify(attemptEndFromError(sent(failureOf(told)))))).toEqual(
        JSON.parse(JSON.stringify(told)),
      );
    }),
  );
});

test('a cancelled one arrives with its report', () => {
  const told = {
    as: 'cancelled',
    error: { type: 'Cancelled', message: 'the attempt was cancelled' },
    report: { startedAt: 5, worker: 'w' },
  } as const;
  expect(attemptEndFromError(sent(failureOf(told)))).toEqual(told);
});

test.each(Object.values(FAILURE))('an error that somebody calls %s is a failure like any other', (type) => {
  const failure = ApplicationFailure.create({
    type,
    message: 'no luck',
    details: [{ startedAt: 5, worker: 'w' }, { as: 'nothing of ours' }],
  });
  expect(attemptEndFromError(sent(failure))).toMatchObject({
    as: 'failed',
    retryable: true,
    error: { type, message: 'no luck' },
  });
});
