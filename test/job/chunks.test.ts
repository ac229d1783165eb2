/** What goes to a worker as one activity and comes back of it: short where most jobs are alike, and nothing lost on the way. */
import { TimeoutFailure } from '@temporalio/common';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attemptEndFromError, failureOf } from '../../src/job/attempt-end.ts';
import {
  attemptEndOf,
  attemptOf,
  endOfDone,
  itemEndOf,
  shortened,
  type ChunkInput,
  type ChunkReport,
  type ItemEnd,
} from '../../src/job/group/chunks.ts';
import { asChunkReport } from '../../src/job/group/read-chunk-report.ts';
import { FAILURE } from '../../src/contract/failures.ts';
import type { AttemptEnd } from '../../src/job/job-events.ts';

const STARTED = Date.parse('2030-01-01T00:00:00Z');
const WORKER = 'worker-1';
const error = { type: 'Error', message: 'no luck' };

function asJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

describe('the input of an attempt', () => {
  const chunk: ChunkInput = {
    groupId: 'group-1',
    queue: 'mail',
    kind: 'NameWorkflow',
    dueAt: 5,
    timeoutMs: 60_000,
    items: [],
  };

  test('is what the chunk says of all its jobs, where the item says nothing', () => {
    expect(attemptOf(chunk, { item: 7, args: { name: 'foo' } })).toEqual({
      jobId: 'group-1.7',
      kind: 'NameWorkflow',
      queue: 'mail',
      timeoutMs: 60_000,
      travels: 'inGroups',
      number: 1,
      dueAt: 5,
      args: { name: 'foo' },
      checkpoint: undefined,
    });
  });

  test('is what the item says, where it does', () => {
    const item = { kind: 'WriteReport', timeoutMs: 9, number: 3, dueAt: 9, checkpoint: { rows: 4 }, ranSince: 2 };
    expect(attemptOf(chunk, { item: 0, args: { rows: 9, msPerRow: 0 }, ...item })).toMatchObject(item);
  });

  test('may have 0 for a due time', () => {
    expect(attemptOf(chunk, { item: 0, args: { name: 'foo' }, dueAt: 0 }).dueAt).toBe(0);
  });
});

const time = fc.nat(99_999).map((ms) => STARTED + ms);
const report = fc.record(
  {
    startedAt: time,
    endedAt: time,
    worker: fc.constant(WORKER),
    progress: fc.record({ done: fc.nat(9), total: fc.nat(9) }),
    checkpoint: fc.jsonValue(),
  },
  { requiredKeys: ['startedAt', 'endedAt', 'worker'] },
);
const anyEnd: fc.Arbitrary<AttemptEnd> = fc.oneof(
  fc.tuple(report, fc.string()).map(([of, result]): AttemptEnd => ({ as: 'done', report: { ...of, result } })),
  fc.tuple(report, fc.string()).map(([{ endedAt: _endedAt, ...of }, result]): AttemptEnd => {
    return { as: 'done', report: { ...of, result } };
  }),
  fc.record(
    {
      as: fc.constant('failed' as const),
      error: fc.constant(error),
      retryable: fc.boolean(),
      delayMs: fc.nat(),
      report,
    },
    { requiredKeys: ['as', 'error', 'retryable'] },
  ),
  fc.record(
    {
      as: fc.constantFrom('discarded' as const, 'interrupted' as const, 'cancelled' as const),
      error: fc.constant(error),
      report,
    },
    { requiredKeys: ['as', 'error'] },
  ),
  fc.record(
    {
      as: fc.constant('crashed' as const),
      error: fc.constant(error),
      evidence: fc.constantFrom('alone' as const, 'shared' as const, 'none' as const),
      isSuspect: fc.constant(true),
      report,
    },
    { requiredKeys: ['as', 'error', 'evidence'] },
  ),
  fc.record(
    {
      as: fc.constant('returned' as const),
      delayMs: fc.nat(),
      notHere: fc.record({
        why: fc.constantFrom('unknownKind' as const, 'olderVersion' as const),
        worker: fc.string(),
      }),
    },
    { requiredKeys: ['as', 'delayMs'] },
  ),
);

/** What a group reads of the ends that a worker reports. */
function asRead(ends: readonly ItemEnd[]): Map<number, AttemptEnd> {
  const sent = { startedAt: STARTED, worker: WORKER, ...shortened(ends, STARTED), begun: [], returned: [] };
  const read = asChunkReport(asJson(sent)) ?? expect.fail('the report is none');
  return new Map([
    ...read.done.map((done) => [done[0], endOfDone(done, read)] as const),
    ...read.ended.map((end) => [end.item, attemptEndOf(end, read.worker)] as const),
  ]);
}

describe('the end of an attempt', () => {
  test('arrives as it was sent, in whichever form', () => {
    fc.assert(
      fc.property(fc.array(anyEnd, { maxLength: 20 }), (ends) => {
        const read = asRead(ends.map((end, item) => itemEndOf(item, end)));
        expect(asJson([...read].sort(([a], [b]) => a - b))).toEqual(asJson([...ends.entries()]));
      }),
    );
  });

  test('is short when the job is done and has no more to say', () => {
    const done: AttemptEnd = {
      as: 'done',
      report: { startedAt: STARTED + 20, endedAt: STARTED + 25, worker: WORKER, result: 'Hello' },
    };
    expect(shortened([itemEndOf(3, done)], STARTED)).toEqual({ done: [[3, 20, 5, 'Hello']], ended: [] });
  });

  test.each([
    ['progress', { progress: { done: 1, total: 1 } }],
    ['a checkpoint', { checkpoint: 0 }],
    ['a checkpoint that is null', { checkpoint: null }],
    ['a note instead of its result', { note: 'left out' }],
    ['an error that got past it', { stray: 'Error: nobody caught it' }],
  ])('is told in full when there was %s', (_what, more) => {
    const of = { startedAt: STARTED, endedAt: STARTED, worker: WORKER, result: 'Hello', ...more };
    const { done, ended } = shortened([itemEndOf(3, { as: 'done', report: of })], STARTED);
    expect(done).toEqual([]);
    expect(ended).toMatchObject([{ item: 3, as: 'done', report: more }]);
  });

  test('does not name its worker, which is the chunk’s', () => {
    const end = itemEndOf(0, {
      as: 'crashed',
      error,
      evidence: 'shared',
      report: { startedAt: STARTED, worker: WORKER },
    });
    expect(JSON.stringify(end)).not.toContain(WORKER);
    expect(attemptEndOf(end, 'worker-2')).toEqual({
      as: 'crashed',
      error,
      evidence: 'shared',
      report: { startedAt: STARTED, worker: 'worker-2' },
    });
  });
});

describe('a report that a worker of some version sent', () => {
  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'report'],
    ['without its start', { worker: WORKER }],
    ['without its worker', { startedAt: STARTED }],
    ['with a start that is no time', { startedAt: '2030', worker: WORKER }],
  ])('is none: %s', (_what, sent) => {
    expect(asChunkReport(sent)).toBeUndefined();
  });

  test('may lack every list, and have more than this version knows', () => {
    expect(asChunkReport({ startedAt: STARTED, worker: WORKER, endedAt: STARTED, mood: 'good' })).toEqual({
      startedAt: STARTED,
      worker: WORKER,
      done: [],
      ended: [],
      begun: [],
      returned: [],
    });
  });

  test('loses no more than what is not usable of it', () => {
    const failed = { item: 1, as: 'failed', error, retryable: true };
    const read = asChunkReport({
      startedAt: STARTED,
      worker: WORKER,
      done: [[0, 1, 2, 'ok'], [1], ['x', 1, 2], [2, 1e300, 1], null],
      ended: [
        { ...failed, delayMs: null, report: { startedAt: STARTED, progress: { done: null, total: 1 } } },
        { ...failed, report: { startedAt: 'x' } },
        { ...failed, error: null },
        { item: 4, as: 'done' },
        { item: 5, as: 'vanished', error },
      ],
      begun: [{ item: 6, startedAt: STARTED, progress: 'half' }, { item: 7 }, 8],
      returned: [9, '10', null],
    });
    expect(read).toEqual({
      startedAt: STARTED,
      worker: WORKER,
      done: [[0, 1, 2, 'ok']],
      ended: [{ ...failed, report: { startedAt: STARTED } }, failed],
      begun: [{ item: 6, startedAt: STARTED }],
      returned: [9],
    });
  });

  const sent: ChunkReport = {
    startedAt: STARTED,
    worker: WORKER,
    done: [[0, 1, 2, 'ok']],
    ended: [{ item: 1, as: 'failed', error, retryable: true }],
    begun: [{ item: 2, startedAt: STARTED }],
    returned: [3],
  };

  test('comes with the word of a later worker that its own was killed', () => {
    const killed = { type: FAILURE.workerLost, message: 'worker 1 was killed' };
    const end = attemptEndFromError(failureOf({ as: 'crashed', evidence: 'none', error: killed, report: sent }));
    expect(end).toMatchObject({ as: 'crashed', evidence: 'none', error: killed });
    expect(asChunkReport(end.report)).toEqual(sent);
  });

  test('comes with its last heartbeat when there are no more of them', () => {
    const end = attemptEndFromError(new TimeoutFailure('no more heartbeats', sent, 'HEARTBEAT'));
    expect(end).toMatchObject({ as: 'crashed', error: { type: FAILURE.heartbeatLost } });
    expect(asChunkReport(end.report)).toEqual(sent);
  });
});
