/** Actions that meet something else on their way: no worker, each other, the attempt's end, the job's cancellation. */
import { Worker, NativeConnection } from '@temporalio/worker';
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { FAILURE } from '../../src/contract/failures.ts';
import type { JobView } from '../../src/job/job.ts';
import { viewJob } from '../../src/job/job-view.ts';
import { SIGNALS, UPDATES } from '../../src/contract/messages.ts';
import { DEFAULT_TASK_QUEUE } from '../../src/contract/queues.ts';
import { connectClient } from '../../src/temporal/connect.ts';
import { ownHistory } from '../../src/temporal/history/read-job.ts';
import { startTestDevServer, type TestDevServer } from '../support/dev-server.ts';
import { scriptedWorld, type Script, type ScriptedWorld } from '../support/scripted-world.ts';
import { until } from '../support/until.ts';
import { whileWorkflowsRun } from '../support/while-workflows-run.ts';

const LATER = '2035-01-01T00:00:00.000Z';
const NOBODY = 'nobody-serves-this';

// A server of its own: these tests decide when workflows have a worker, and all workers of a server share one task queue.
let server: TestDevServer;
let connection: NativeConnection;
let world: ScriptedWorld & { workers: Worker[] };
let attemptsRun: Promise<void>;
let client: ReturnType<typeof connectClient>;

beforeAll(async () => {
  server = await startTestDevServer({ path: inject('temporalCli'), version: inject('temporalCliVersion') });
  const { address } = server.server;
  client = connectClient(loadConfig({ TEMPORAL_ADDRESS: address }).temporal);
  connection = await NativeConnection.connect({ address });
  const bundle = inject('workflowBundlePath');
  world = await scriptedWorld({ client, connection, workflowBundlePath: bundle, queue: 'races' });
  const [workflows, attempts] = world.workers;
  await workflows?.runUntil(Promise.resolve());
  attemptsRun = attempts?.run() ?? Promise.reject(new Error('no worker for attempts'));
});

afterAll(async () => {
  world.workers[1]?.shutdown();
  await attemptsRun;
  await connection.close();
  await client.connection.close();
  await server[Symbol.asyncDispose]();
});

/** Attempts have a worker throughout, workflows only during `body`. */
async function withWorkflowWorker<T>(body: () => Promise<T>): Promise<T> {
  return whileWorkflowsRun(connection, body);
}

async function told(jobId: string): Promise<JobView> {
  const { record } = await ownHistory(client, jobId);
  return viewJob(record);
}

/** The workflow's own view, which the history has to tell as well. */
async function expectState(jobId: string, state: JobView['state']): Promise<JobView> {
  await until(`${jobId} is ${state}`, async () => (await world.view(jobId)).state === state, 15_000);
  const view = await world.view(jobId);
  expect(await told(jobId)).toEqual(view);
  return view;
}

const handleOf = (jobId: string): WorkflowHandle => client.workflow.getHandle(jobId);

/** An attempt that the test lets end. */
function gated(): { script: Script; started: Promise<void>; end: (how: 'fails' | 'works') => void } {
  const started = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<'fails' | 'works'>();
  const script: Script = async ({ number }, signal) => {
    if (number > 1) return 'again';
    started.resolve();
    signal.addEventListener('abort', () => ended.resolve('fails'));
    if ((await ended.promise) === 'fails') throw new Error('no luck');
    return 'worked';
  };
  return { script, started: started.promise, end: ended.resolve };
}

/** A job whose first attempt ended while no workflow had a worker, so that it has not learnt of it. */
async function endedUnseen(input: object): Promise<string> {
  const attempt = gated();
  const id = await world.start(attempt.script, input);
  await withWorkflowWorker(() => attempt.started);
  attempt.end('fails');
  await until('the attempt ends', async () => (await told(id)).attempts.at(-1)?.outcome === 'failed', 5_000);
  return id;
}

describe('signals that come before any worker has seen the job', () => {
  test('a pause, then run now: it runs', async () => {
    const id = await world.start(() => 'ran', { dueAt: LATER });
    await handleOf(id).signal(SIGNALS.pause, {});
    await handleOf(id).signal(SIGNALS.runNow, {});
    await withWorkflowWorker(() => expectState(id, 'done'));
  });

  test('run now, then a pause: it waits', async () => {
    const id = await world.start(() => 'ran', { dueAt: LATER });
    await handleOf(id).signal(SIGNALS.runNow, {});
    await handleOf(id).signal(SIGNALS.pause, {});
    const job = await withWorkflowWorker(() => expectState(id, 'paused'));
    expect(job.attempts).toEqual([]);
  });

  test('an edit that is not usable, and what is no action: ignored, by the history too', async () => {
    const id = await world.start(() => 'ran', { dueAt: LATER });
    await handleOf(id).signal('edit', { changes: { queue: 'holdfast' } });
    await handleOf(id).signal('edit', { queue: 'other' });
    await handleOf(id).signal('makeTea');
    await handleOf(id).signal(SIGNALS.pause, {});
    const job = await withWorkflowWorker(() => expectState(id, 'paused'));
    expect(job.queue).toBe(world.queue);
  });
});

describe('signals that come after an attempt’s end which the job has not learnt of', () => {
  test('a reschedule is made, though the workflow is told of it first', async () => {
    const id = await endedUnseen({ retryDelaysMs: [0] });
    await handleOf(id).signal(SIGNALS.reschedule, { dueAt: LATER });
    const job = await withWorkflowWorker(() => expectState(id, 'retrying'));
    expect(job).toMatchObject({ dueAt: LATER, attempt: 1, attempts: [{ outcome: 'failed' }] });
  });

  test('run now does not wait for the retry delay', async () => {
    const id = await endedUnseen({ retryDelaysMs: [3_600_000] });
    await handleOf(id).signal(SIGNALS.runNow, {});
    expect((await withWorkflowWorker(() => expectState(id, 'done'))).attempt).toBe(2);
  });

  test('a retry of the job that is dead by now', async () => {
    const id = await endedUnseen({ maxAttempts: 1 });
    expect((await told(id)).state).toBe('dead');
    await handleOf(id).signal(SIGNALS.retry, {});
    const job = await withWorkflowWorker(() => expectState(id, 'done'));
    expect(job).toMatchObject({ attempt: 1, result: 'again' });
  });

  test('run now, then a pause: the pause holds', async () => {
    const id = await endedUnseen({ retryDelaysMs: [3_600_000] });
    await handleOf(id).signal(SIGNALS.runNow, {});
    await handleOf(id).signal(SIGNALS.pause, {});
    expect((await withWorkflowWorker(() => expectState(id, 'paused'))).attempt).toBe(1);
  });

  test('a cancellation ends it with that attempt', async () => {
    const id = await endedUnseen({ retryDelaysMs: [0] });
    await handleOf(id).signal(SIGNALS.reschedule, { dueAt: LATER });
    await handleOf(id).cancel();
    const job = await withWorkflowWorker(() => expectState(id, 'cancelled'));
    expect(job.attempts).toMatchObject([{ outcome: 'failed' }]);
  });
});

describe('a job in a queue that nobody serves', () => {
  const queued = async (): Promise<string> => {
    const id = await world.start(() => 'ran', { queue: NOBODY });
    await withWorkflowWorker(() => expectState(id, 'queued'));
    return id;
  };

  test('two actions that were signalled are both made', async () => {
    const id = await queued();
    await handleOf(id).signal(SIGNALS.reschedule, { dueAt: LATER });
    await handleOf(id).signal(SIGNALS.edit, { changes: { maxAttempts: 3 } });
    const job = await withWorkflowWorker(() => expectState(id, 'scheduled'));
    expect(job).toMatchObject({ dueAt: LATER, maxAttempts: 3, attempt: 0, attempts: [], error: null });
  });

  test('a pause and its resume leave nothing behind', async () => {
    const id = await queued();
    await handleOf(id).signal(SIGNALS.pause, {});
    await handleOf(id).signal(SIGNALS.resume, {});
    await handleOf(id).signal(SIGNALS.edit, { changes: { queue: world.queue } });
    const job = await withWorkflowWorker(() => expectState(id, 'done'));
    expect(job).toMatchObject({ attempt: 1, crashes: 0, error: null });
    expect(job.attempts).toHaveLength(1);
  });

  test('updates that come at the same time are all made', async () => {
    const id = await queued();
    await withWorkflowWorker(async () => {
      await Promise.all([
        handleOf(id).executeUpdate(UPDATES.reschedule, { args: [{ dueAt: LATER }] }),
        handleOf(id).executeUpdate(UPDATES.edit, { args: [{ changes: { maxAttempts: 3 } }] }),
        handleOf(id).executeUpdate(UPDATES.pause, { args: [{}] }),
      ]);
      const job = await expectState(id, 'paused');
      expect(job).toMatchObject({ dueAt: LATER, maxAttempts: 3, attempt: 0, attempts: [] });
    });
  });

  test('a discard and a reschedule at the same time: discarded, and nobody is told otherwise', async () => {
    const id = await queued();
    await withWorkflowWorker(async () => {
      const [, rescheduled] = await Promise.allSettled([
        handleOf(id).executeUpdate(UPDATES.discard, { args: [{}] }),
        handleOf(id).executeUpdate(UPDATES.reschedule, { args: [{ dueAt: LATER }] }),
      ]);
      const job = await expectState(id, 'discarded');
      const wasMade = job.dueAt === LATER;
      expect(rescheduled.status).toBe(wasMade ? 'fulfilled' : 'rejected');
    });
  });

  test('an action and a cancellation at the same time: cancelled, and the action is answered', async () => {
    const id = await queued();
    await withWorkflowWorker(async () => {
      await Promise.allSettled([
        handleOf(id).executeUpdate(UPDATES.reschedule, { args: [{ dueAt: LATER }] }),
        handleOf(id).cancel(),
      ]);
      await expectState(id, 'cancelled');
      expect((await handleOf(id).describe()).status.name).toBe('CANCELLED');
    });
  });
});

describe('a job whose attempt runs', () => {
  test('a reschedule is refused, and its attempt goes on', async () => {
    const attempt = gated();
    const id = await world.start(attempt.script, { retryDelaysMs: [0] });
    await withWorkflowWorker(async () => {
      await attempt.started;
      await expect(handleOf(id).executeUpdate(UPDATES.reschedule, { args: [{ dueAt: LATER }] })).rejects.toMatchObject({
        cause: { type: FAILURE.actionIllegal, details: ['running'] },
      });
      attempt.end('fails');
      // Refused is refused: the next attempt runs at its retry delay.
      expect((await expectState(id, 'done')).attempt).toBe(2);
    });
  });

  test('a signalled reschedule that comes too late for it holds for the next one', async () => {
    const attempt = gated();
    const id = await world.start(attempt.script, { retryDelaysMs: [0] });
    await withWorkflowWorker(async () => {
      await attempt.started;
      await handleOf(id).signal(SIGNALS.reschedule, { dueAt: LATER });
      await expectState(id, 'queued');
      attempt.end('fails');
      expect(await expectState(id, 'retrying')).toMatchObject({ dueAt: LATER, attempt: 1 });
    });
  });

  test('a pause and a resume while it runs: the next attempt is not held back', async () => {
    const attempt = gated();
    const id = await world.start(attempt.script, { retryDelaysMs: [0] });
    await withWorkflowWorker(async () => {
      await attempt.started;
      await handleOf(id).executeUpdate(UPDATES.pause, { args: [{}] });
      await handleOf(id).executeUpdate(UPDATES.resume, { args: [{}] });
      attempt.end('fails');
      await expectState(id, 'done');
    });
  });

  test('a cancellation while an action waits for its end lets it say how it ended', async () => {
    const attempt = gated();
    const id = await world.start(attempt.script);
    await withWorkflowWorker(async () => {
      await attempt.started;
      await handleOf(id).signal(SIGNALS.reschedule, { dueAt: LATER });
      await handleOf(id).cancel();
      const job = await expectState(id, 'cancelled');
      expect(job.attempts).toMatchObject([{ outcome: 'cancelled', worker: 'scripted' }]);
    });
  });
});

test('a job that was started without any input waits for a person', async () => {
  const workflowId = 'started-without-input';
  await client.workflow.start('NameWorkflow', { workflowId, taskQueue: DEFAULT_TASK_QUEUE, args: [] });
  await withWorkflowWorker(() => expectState(workflowId, 'dead'));
});

test('the workflows go along with every history of this file', async () => {
  const histories = client.workflow.list().intoHistories();
  let replayed = 0;
  const workflowBundle = { codePath: inject('workflowBundlePath') };
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, histories)) {
    expect(error, workflowId).toBeUndefined();
    replayed += 1;
  }
  expect(replayed).toBeGreaterThan(15);
});
