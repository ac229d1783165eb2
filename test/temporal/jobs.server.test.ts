/** What the web asks of jobs, on a real server: truthful without a worker, and the same job for the same key. */
import { exec, execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import type { RequestedJob } from '../../src/contract/schemas/job-request.ts';
import { failureOf } from '../../src/job/attempt-end.ts';
import { FAILURE } from '../../src/contract/failures.ts';
import type { JobView } from '../../src/job/job.ts';
import type { JobRequest } from '../../src/job/job-request.ts';
import { UPDATES } from '../../src/contract/messages.ts';
import { InvalidJobError } from '../../src/kinds/invalid-job-error.ts';
import { connectClient } from '../../src/temporal/connect.ts';
import { createJobs } from '../../src/temporal/create-jobs.ts';
import {
  IllegalActionError,
  InvalidActionError,
  JobNotFoundError,
  KeyReusedError,
  TemporalUnreachableError,
} from '../../src/temporal/errors.ts';
import type { JobSnapshot, Jobs } from '../../src/temporal/jobs.ts';
import { freePort } from '../support/free-port.ts';
import { jobsWorld, type JobsWorld } from '../support/jobs-world.ts';
import { asked } from '../support/kinds.ts';
import { until } from '../support/until.ts';

const LATER = '2035-01-01T00:00:00.000Z';
const greet = (name: string, more: Partial<RequestedJob> = {}): JobRequest => asked({ args: { name }, ...more });

let world: JobsWorld;
let jobs: Jobs;

beforeAll(async () => {
  const cli = { path: inject('temporalCli'), version: inject('temporalCliVersion') };
  world = await jobsWorld(cli, inject('workflowBundlePath'));
  jobs = world.jobs;
});
afterAll(async () => world[Symbol.asyncDispose]());

async function reaches(id: string, state: JobView['state']): Promise<JobSnapshot> {
  await until(`${id} is ${state}`, async () => (await jobs.read(id)).job.state === state, 15_000);
  return jobs.read(id);
}

const workersAre = (presence: string) =>
  until(`workers: ${presence}`, async () => (await jobs.health()).workers === presence, 10_000);

describe('without a worker', () => {
  test('a job waits, is due, and says that nobody serves it', async () => {
    await workersAre('none');
    const { job, created } = await jobs.start(greet('foo', { dueAt: LATER }));
    expect(created).toBe(true);
    const read = await jobs.read(job.id);
    expect(read).toMatchObject({ workers: 'none', queueWorkers: 'none', pendingActions: [], stale: false });
    expect(read.job).toMatchObject({ state: 'scheduled', dueAt: LATER, attempts: [], result: null });
  });

  test('actions are kept, listed as pending, and made when a worker is back', async () => {
    const { job } = await jobs.start(greet('foo', { delayMs: 0 }));
    const moved = await jobs.act(job.id, { type: 'reschedule', dueAt: LATER });
    expect(moved.applied).toBe('whenAWorkerIsBack');
    await jobs.act(job.id, { type: 'pause' });
    expect((await jobs.read(job.id)).pendingActions).toMatchObject([
      { action: 'reschedule', dueAt: LATER },
      { action: 'pause' },
    ]);
    await world.withWorkers(async () => {
      const paused = await reaches(job.id, 'paused');
      expect(paused).toMatchObject({ pendingActions: [], job: { dueAt: LATER, attempts: [] } });
      await workersAre('present');
      expect(await jobs.act(job.id, { type: 'resume' })).toMatchObject({
        applied: 'now',
        job: { state: 'scheduled' },
      });
      expect(await jobs.act(job.id, { type: 'runNow' })).toMatchObject({ applied: 'now' });
      expect((await reaches(job.id, 'done')).job.result).toBe('Hello, foo');
    });
  });

  test('a cancellation is kept as well', async () => {
    await workersAre('none');
    const { job } = await jobs.start(greet('foo', { dueAt: LATER }));
    expect((await jobs.act(job.id, { type: 'cancel' })).applied).toBe('whenAWorkerIsBack');
    expect((await jobs.read(job.id)).pendingActions).toMatchObject([{ action: 'cancel' }]);
    await world.withWorkers(async () => reaches(job.id, 'cancelled'));
  });

  test('a job that ended is read as it ended', async () => {
    const { job } = await jobs.start(greet('foo'));
    await world.withWorkers(async () => reaches(job.id, 'done'));
    expect((await jobs.read(job.id)).job).toMatchObject({ state: 'done', result: 'Hello, foo', attempt: 1 });
  });
});

test('an attempt that runs says so, with its worker and progress; when its worker is lost, it runs again', async () => {
  await world.withWorkers(async () => {
    const { job } = await jobs.start(asked({ kind: 'WriteReport', args: { rows: 200, msPerRow: 20 } }));
    await until('progress', async () => ((await jobs.read(job.id)).job.progress?.done ?? 0) > 5, 10_000);
    const running = await jobs.read(job.id);
    expect(running.job).toMatchObject({ state: 'running', attempts: [{ worker: 'worker-of-the-test' }] });
    expect(running.actions.toSorted()).toEqual(['cancel', 'pause']);
    await expect(jobs.act(job.id, { type: 'reschedule', dueAt: LATER })).rejects.toThrow(IllegalActionError);

    const [activity] = world.inHand;
    const failure = failureOf({
      as: 'crashed',
      evidence: 'none',
      error: { type: FAILURE.workerLost, message: 'killed' },
    });
    await world.client.activity.fail(Buffer.from(activity?.taskToken ?? '', 'base64'), failure);
    await until('a second attempt runs', async () => (await jobs.read(job.id)).job.attempts.length === 2, 10_000);
    const { job: again } = await reaches(job.id, 'running');
    expect(again).toMatchObject({ crashes: 1, attempt: 1, attempts: [{ outcome: 'crashed' }, { outcome: null }] });
    await jobs.act(job.id, { type: 'cancel' });
    await reaches(job.id, 'cancelled');
  });
});

test('what no history keeps, or no attempt can wait in, is not started', async () => {
  const deep = JSON.parse(`{"name":${'['.repeat(5_000)}${']'.repeat(5_000)}}`) as JobRequest['args'];
  const requests = [{ ...asked(), args: deep }, asked({ queue: 'ours' }), asked()];
  const ours = createJobs(world.client, 'ours');
  const outcomes = await ours.startAll(requests.map((request) => ({ request })));
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
  await expect(ours.start(requests[0] as JobRequest)).rejects.toBeInstanceOf(InvalidJobError);
  await expect(ours.start(requests[1] as JobRequest)).rejects.toThrow('queue cannot be ours');
});

describe('an idempotency key', () => {
  test('starts one job, however many ask at once', async () => {
    const started = await Promise.all(
      Array.from({ length: 20 }, () =>
        jobs.start(greet('foo', { delayMs: 3_600_000 }), { idempotencyKey: 'same-key' }),
      ),
    );
    expect(started.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(started.map(({ job }) => job.id))).toEqual(new Set(['same-key']));
  });

  test('gets the first job back when that has ended', async () => {
    await world.withWorkers(async () => {
      await jobs.start(greet('foo'), { idempotencyKey: 'ended-key' });
      await reaches('ended-key', 'done');
    });
    const again = await jobs.start(greet('foo'), { idempotencyKey: 'ended-key' });
    expect(again).toMatchObject({ created: false, job: { state: 'done', result: 'Hello, foo' } });
  });

  test('is refused for a job with other contents', async () => {
    // What JSON leaves out was never sent.
    const nothingMore = { ...greet('foo'), args: { name: 'foo', title: undefined } };
    expect((await jobs.start(nothingMore, { idempotencyKey: 'same-key' })).created).toBe(false);
    await expect(jobs.start(greet('bar'), { idempotencyKey: 'same-key' })).rejects.toThrow(KeyReusedError);
    const report = asked({ kind: 'WriteReport', args: { rows: 1, msPerRow: 0 } });
    await expect(jobs.start(report, { idempotencyKey: 'same-key' })).rejects.toThrow(KeyReusedError);
  });
});

describe('watching', () => {
  test('shows every change, and ends with the job', async () => {
    await world.withWorkers(async () => {
      const { job } = await jobs.start(greet('foo', { delayMs: 600 }));
      const states = new Set<string>();
      for await (const { job: seen } of jobs.watch(job.id, AbortSignal.timeout(15_000))) states.add(seen.state);
      expect([...states].at(0)).toBe('scheduled');
      expect([...states].at(-1)).toBe('done');
    });
  });

  test('begins with the whole of a history that is longer than a page', async () => {
    const { job } = await jobs.start(greet('foo', { dueAt: LATER }));
    const handle = world.client.workflow.getHandle(job.id);
    await Promise.all(Array.from({ length: 600 }, async () => handle.signal('pause')));
    const gone = new AbortController();
    const first = await jobs.watch(job.id, gone.signal)[Symbol.asyncIterator]().next();
    gone.abort();
    expect(first.value.pendingActions).toHaveLength(600);
    await handle.terminate();
  });

  test('shows an action at once, and ends when nobody looks any more', async () => {
    await world.withWorkers(async () => {
      await workersAre('present');
      const { job } = await jobs.start(greet('foo', { dueAt: LATER }));
      await until('it answers', async () => (await jobs.act(job.id, { type: 'pause' })).applied === 'now', 10_000);
      const gone = new AbortController();
      const seen = jobs.watch(job.id, gone.signal)[Symbol.asyncIterator]();
      expect((await seen.next()).value.job.state).toBe('paused');
      await jobs.act(job.id, { type: 'resume' });
      // On a busy machine a view may come between the question and its answer.
      let view: JobSnapshot;
      do view = (await seen.next()).value;
      while (view.job.state === 'paused');
      expect(view.job.state).toBe('scheduled');
      const next = seen.next();
      gone.abort();
      expect((await next).done).toBe(true);
      await jobs.act(job.id, { type: 'discard' });
    });
  });
});

test('the latest jobs are listed with their states, newest first', async () => {
  await world.withWorkers(async () => {
    await workersAre('present');
    const { job: paused } = await jobs.start(greet('foo', { dueAt: LATER }));
    await jobs.act(paused.id, { type: 'pause' });
    const { job: discarded } = await jobs.start(greet('foo', { dueAt: LATER }));
    await jobs.act(discarded.id, { type: 'discard' });
    const { job: nowhere } = await jobs.start(greet('foo', { queue: 'nobody-serves-this' }));
    const { job: done } = await jobs.start(greet('foo'));
    const expected = [
      { id: done.id, state: 'done' },
      { id: nowhere.id, state: 'queued', queue: 'nobody-serves-this' },
      { id: discarded.id, state: 'discarded' },
      { id: paused.id, state: 'paused', dueAt: LATER },
    ];
    await expect.poll(() => jobs.latest(4), { timeout: 10_000 }).toMatchObject(expected);
  });
});

test('what cannot be is refused in words', async () => {
  await expect(jobs.read('no-such-job')).rejects.toThrow(JobNotFoundError);
  await expect(jobs.act('no-such-job', { type: 'pause' })).rejects.toThrow(JobNotFoundError);
  await expect(jobs.watch('no-such-job', AbortSignal.timeout(5_000))[Symbol.asyncIterator]().next()).rejects.toThrow(
    JobNotFoundError,
  );
  await world.withWorkers(async () => {
    await workersAre('present');
    const { job } = await jobs.start(greet('foo', { dueAt: LATER }));
    await expect(jobs.act(job.id, { type: 'retry' })).rejects.toThrow(`job ${job.id} is scheduled`);
    await expect(jobs.act(job.id, { type: 'edit', changes: { queue: 'a b' } })).rejects.toThrow(InvalidActionError);
  });
});

test('Temporal’s own CLI starts, reschedules and shows a job', async () => {
  const temporal = async (...words: string[]): Promise<string> => {
    const command = ['workflow', ...words, '--address', world.address];
    return (await promisify(execFile)(inject('temporalCli'), command)).stdout;
  };
  const ofJob = ['--workflow-id', 'from-the-cli'];
  await world.withWorkers(async () => {
    const input = JSON.stringify({ args: { name: 'cli' }, dueAt: LATER });
    await temporal('start', '--type', 'NameWorkflow', '--task-queue', 'holdfast', ...ofJob, '--input', input);
    const dueAt = '2030-01-01T00:00:00.000Z';
    await temporal('update', 'execute', ...ofJob, '--name', 'reschedule', '--input', JSON.stringify({ dueAt }));
    expect(await temporal('query', ...ofJob, '--type', 'job')).toContain(dueAt);
    // Lists know of it too, though it came past the web.
    await expect
      .poll(() => jobs.latest(100), { timeout: 10_000 })
      .toContainEqual(expect.objectContaining({ id: 'from-the-cli', dueAt, queue: 'default' }));
    await world.client.workflow.getHandle('from-the-cli').executeUpdate(UPDATES.runNow, { args: [{}] });
    expect((await reaches('from-the-cli', 'done')).job.result).toBe('Hello, cli');
  });
});

test('each tick of a schedule, made as the README says, is a job in the list, whatever became of the one before', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const cli = inject('temporalCli');
  const run = async (command: string): Promise<unknown> =>
    promisify(exec)(command.replace('bin/temporal', `'${cli}'`), {
      env: { ...process.env, TEMPORAL_ADDRESS: world.address },
    });
  const [create = 'exit 1'] = /^bin\/temporal schedule create (?:.*\\\n)*.*$/m.exec(readme) ?? [];
  const [trigger = 'exit 1'] = /^bin\/temporal schedule trigger .*$/m.exec(readme) ?? [];
  const ticks = async () => (await jobs.latest(100)).filter(({ id }) => id.startsWith('nightly-'));
  await run(create);
  await run(trigger);
  await expect.poll(ticks, { timeout: 10_000 }).toHaveLength(1);
  // As a dead job would, the first one stays open. Nobody waits for the night: from here on it ticks by the second.
  const schedule = world.client.schedule.getHandle('nightly');
  await schedule.update((made) => ({ ...made, spec: { intervals: [{ every: '1s' }] } }));
  await expect.poll(async () => (await ticks()).length, { timeout: 10_000 }).toBeGreaterThan(2);
  await schedule.delete();
  await world.withWorkers(async () => {
    for (const { id, kind } of await ticks()) {
      expect(kind).toBe('NameWorkflow');
      expect((await reaches(id, 'done')).job.result).toBe('Hello, cron');
    }
  });
});

test('a Temporal that does not answer is reported within 3 s', async () => {
  const port = await freePort();
  const client = connectClient(loadConfig({ TEMPORAL_ADDRESS: `127.0.0.1:${port}` }).temporal);
  const away = createJobs(client);
  const askedAt = Date.now();
  const answers = [away.start(greet('foo')), away.read('x'), away.act('x', { type: 'pause' }), away.latest(1)];
  for (const { reason } of (await Promise.allSettled(answers)) as PromiseRejectedResult[])
    expect(reason).toBeInstanceOf(TemporalUnreachableError);
  expect(Date.now() - askedAt).toBeLessThan(3_000);
  // Left open: 1.24 of the SDK still tries to connect, and throws into the void once its channel is closed.
});
