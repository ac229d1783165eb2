/** What readiness is told by: a read that reaches Temporal's database, and how the last starts ended. */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createJobs } from '../../src/temporal/create-jobs.ts';
import { TemporalUnreachableError } from '../../src/temporal/errors.ts';
import type { Jobs } from '../../src/temporal/jobs.ts';
import { asked } from '../support/kinds.ts';

/** A Temporal whose memory always answers, and whose database does what the test says. */
interface World {
  readonly jobs: Jobs;
  readonly database: { reads: boolean; writes: boolean };
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

function world(): World {
  const database = { reads: true, writes: true };
  const client = {
    options: { namespace: 'default' },
    withDeadline: async (_deadline: number, rpc: () => Promise<unknown>) => rpc(),
    workflowService: { listWorkers: async () => ({ workersInfo: [] }) },
    workflow: {
      getHandle: (id: string) => ({
        describe: async () => {
          throw database.reads ? new WorkflowNotFoundError('not found', id, undefined) : deadlineExceeded();
        },
      }),
      start: async () => {
        if (!database.writes) throw deadlineExceeded();
      },
    },
  };
  return { jobs: createJobs(client as unknown as Client), database };
}

function deadlineExceeded(): Error {
  return Object.assign(new Error('4 DEADLINE_EXCEEDED'), { code: 4, details: '', metadata: {} });
}

async function start({ jobs }: World): Promise<string> {
  return jobs.start(asked()).then(
    () => 'started',
    (error: unknown) => (error instanceof TemporalUnreachableError ? 'failed' : String(error)),
  );
}

test('a database that does not answer is noticed, though Temporal tells of workers', async () => {
  const { jobs, database } = world();
  expect(await jobs.health()).toEqual({ workers: 'none', takesJobs: true, stuck: { count: 0, ids: [] } });
  database.reads = false;
  await expect(jobs.health()).rejects.toThrow(TemporalUnreachableError);
});

test('three starts that fail in a row are noticed, until one succeeds', async () => {
  const it = world();
  it.database.writes = false;
  expect([await start(it), await start(it)]).toEqual(['failed', 'failed']);
  expect(await it.jobs.health()).toMatchObject({ takesJobs: true });
  expect(await start(it)).toBe('failed');
  expect(await it.jobs.health()).toMatchObject({ takesJobs: false });
  it.database.writes = true;
  expect(await start(it)).toBe('started');
  expect(await it.jobs.health()).toMatchObject({ takesJobs: true });
});

test('they are forgotten after a while: nobody else would find out that starts succeed again', async () => {
  const it = world();
  it.database.writes = false;
  for (let failed = 0; failed < 3; failed += 1) await start(it);
  vi.advanceTimersByTime(14_999);
  expect(await it.jobs.health()).toMatchObject({ takesJobs: false });
  vi.advanceTimersByTime(1);
  expect(await it.jobs.health()).toMatchObject({ takesJobs: true });
  // The next one shows that nothing has changed.
  await start(it);
  expect(await it.jobs.health()).toMatchObject({ takesJobs: false });
});
