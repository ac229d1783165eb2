/** What becomes of each job of a chunk, however that ends and whatever its worker had said before. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChunkReport } from '../../src/job/group/chunks.ts';
import { FAILURE } from '../../src/contract/failures.ts';
import type { AttemptEnd } from '../../src/job/job-events.ts';
import type { AttemptReport } from '../../src/job/job.ts';
import { readChunkEnd, readProgressOfChunk } from '../../src/job/group/read-chunk-end.ts';

const STARTED = Date.parse('2030-01-01T00:00:00Z');
const WORKER = 'worker-1';
const error = { type: 'Error', message: 'no luck' };
const lost = { type: FAILURE.workerLost, message: 'worker-1 was killed by SIGKILL' };

function reportOf(more: Partial<ChunkReport> = {}): ChunkReport {
  return { startedAt: STARTED, worker: WORKER, done: [], ended: [], begun: [], returned: [], ...more };
}

/** The activity's failure brings the chunk's report where that of a lone attempt would be. */
function endWith(end: Exclude<AttemptEnd, { as: 'done' | 'returned' }>, report?: ChunkReport): AttemptEnd {
  return report ? { ...end, report: report as AttemptReport } : end;
}

const crashed = (report?: ChunkReport): AttemptEnd => endWith({ as: 'crashed', error: lost, evidence: 'none' }, report);
const timedOut = (report?: ChunkReport): AttemptEnd => {
  const failure = { type: FAILURE.attemptTimeout, message: 'took longer than its kind allows' };
  return endWith({ as: 'failed', error: failure, retryable: true }, report);
};

const some = reportOf({
  done: [[0, 10, 5, 'Hello']],
  ended: [{ item: 1, as: 'failed', error, retryable: true, report: { startedAt: STARTED, endedAt: STARTED + 1 } }],
  begun: [{ item: 2, startedAt: STARTED + 3, progress: { done: 1, total: 2 } }],
  returned: [3],
});

const doneZero = {
  type: 'attemptEnded',
  end: {
    as: 'done',
    report: { startedAt: STARTED + 10, endedAt: STARTED + 15, worker: WORKER, result: 'Hello' },
  },
};
const failedOne = {
  type: 'attemptEnded',
  end: {
    as: 'failed',
    error,
    retryable: true,
    report: { startedAt: STARTED, endedAt: STARTED + 1, worker: WORKER },
  },
};
const returned = { type: 'attemptReturned' };

test('news speak of the jobs that are through or given back, and of no other', () => {
  expect([...readProgressOfChunk(some)].sort(([a], [b]) => a - b)).toEqual([
    [0, doneZero],
    [1, failedOne],
    [3, returned],
  ]);
});

describe('a chunk that ends well', () => {
  test('says of each job how it ended, or that it gives it back', () => {
    const events = readChunkEnd([0, 1, 3], { ...some, begun: [] });
    expect([...events]).toEqual([
      [0, doneZero],
      [1, failedOne],
      [3, returned],
    ]);
  });

  test('gives back what it left out', () => {
    expect(readChunkEnd([0, 9], some).get(9)).toEqual(returned);
  });

  test('says nothing more of jobs of which news have come', () => {
    expect([...readChunkEnd([1], some).keys()]).toEqual([1]);
  });
});

describe('a chunk that lost its worker', () => {
  const events = readChunkEnd([0, 1, 2, 3, 4], crashed(some));

  test('keeps what its last report said', () => {
    expect(events.get(0)).toEqual(doneZero);
    expect(events.get(1)).toEqual(failedOne);
    expect(events.get(3)).toEqual(returned);
  });

  test('crashed the attempts that ran, each with its own start and progress', () => {
    const report = { startedAt: STARTED + 3, worker: WORKER, progress: { done: 1, total: 2 } };
    expect(events.get(2)).toEqual({
      type: 'attemptEnded',
      end: { as: 'crashed', error: lost, evidence: 'none', report },
    });
  });

  test('gives back the others as jobs that were at hand when it died', () => {
    expect(events.get(4)).toEqual({ type: 'attemptReturned', death: { as: 'crashed', error: lost, evidence: 'none' } });
  });

  test('gives all of them back like that when no report ever came', () => {
    const death = { type: 'attemptReturned', death: { as: 'crashed', error: lost, evidence: 'none' } };
    expect([...readChunkEnd([0, 1], crashed())]).toEqual([
      [0, death],
      [1, death],
    ]);
  });

  test('never hands its own report on as that of a job', () => {
    for (const event of events.values()) expect(JSON.stringify(event)).not.toContain('returned');
  });
});

describe('a chunk that ends otherwise', () => {
  test('too late: what ran took too long, and what had not begun goes out again', () => {
    const events = readChunkEnd([0, 2, 4], timedOut(some));
    expect(events.get(0)).toEqual(doneZero);
    expect(events.get(2)).toMatchObject({
      type: 'attemptEnded',
      end: {
        as: 'failed',
        error: { type: FAILURE.attemptTimeout },
        report: { startedAt: STARTED + 3, worker: WORKER },
      },
    });
    expect(events.get(4)).toEqual(returned);
  });

  test('called back before any worker had it: all come back', () => {
    const cancelled: AttemptEnd = {
      as: 'cancelled',
      error: { type: 'Cancelled', message: 'the attempt was cancelled' },
    };
    expect([...readChunkEnd([0, 1], cancelled).values()]).toEqual([returned, returned]);
  });

  test('not runnable at all, such as on a worker that does not know it: every attempt failed', () => {
    const unknown: AttemptEnd = {
      as: 'failed',
      error: { type: 'NotFoundError', message: 'not here' },
      retryable: true,
    };
    const failed = { type: 'attemptEnded', end: unknown };
    expect([...readChunkEnd([0, 1], unknown).values()]).toEqual([failed, failed]);
  });

  test('stopped with its worker before it could answer: what ran was interrupted, the rest comes back', () => {
    const stopped = { as: 'interrupted', error: { type: FAILURE.workerStopped, message: 'was stopped' } } as const;
    const events = readChunkEnd([2, 4], endWith(stopped, some));
    expect(events.get(2)).toMatchObject({ type: 'attemptEnded', end: stopped });
    expect(events.get(4)).toEqual(returned);
  });
});

test('however a chunk ends, each job asked for gets one event, and what was known of it wins', () => {
  const numbers = fc.uniqueArray(fc.nat(9), { maxLength: 10 });
  const reports = numbers.map((items) => {
    const of = (rest: number): number[] => items.filter((item) => item % 4 === rest);
    return reportOf({
      done: of(0).map((item) => [item, 0, 0, 'ok'] as const),
      ended: of(1).map((item) => ({ item, as: 'discarded', error })),
      begun: of(2).map((item) => ({ item, startedAt: STARTED })),
      returned: of(3),
    });
  });
  const ends = fc
    .option(reports, { nil: undefined })
    .chain((report) =>
      fc.constantFrom<AttemptEnd | ChunkReport>(
        crashed(report),
        timedOut(report),
        endWith({ as: 'interrupted', error }, report),
        endWith({ as: 'cancelled', error }, report),
        endWith({ as: 'failed', error, retryable: false }, report),
        report ?? reportOf(),
      ),
    );
  fc.assert(
    fc.property(numbers, ends, (items, end) => {
      const events = readChunkEnd(items, end);
      expect([...events.keys()]).toEqual(items);
      const report = ('as' in end ? end.report : end) as ChunkReport | undefined;
      for (const [item, event] of report ? readProgressOfChunk(report) : [])
        if (items.includes(item)) expect(events.get(item)).toEqual(event);
    }),
  );
});
