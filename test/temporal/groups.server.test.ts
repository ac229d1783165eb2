/** Groups from the caller's side: one job per key whatever died, the limits of Temporal, and a job that is a job to everybody. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { BUDGETS } from '../../src/contract/budgets.ts';
import { itemAddress } from '../../src/job/group/groups.ts';
import { groupQuery, SIGNALS } from '../../src/contract/messages.ts';
import { DEFAULT_TASK_QUEUE } from '../../src/contract/queues.ts';
import type { JobView } from '../../src/job/job.ts';
import type { RequestedJob } from '../../src/contract/schemas/job-request.ts';
import type { JobRequest } from '../../src/job/job-request.ts';
import { createJobs } from '../../src/temporal/create-jobs.ts';
import { IllegalActionError, JobNotFoundError, JobTooLargeError, KeyReusedError } from '../../src/temporal/errors.ts';
import { startUnlessRepeated } from '../../src/temporal/start/late-starts.ts';
import { askedNow, newJob } from '../../src/temporal/start/new-job.ts';
import { startGroup, type GroupedJob } from '../../src/temporal/start/start-group.ts';
import type { Jobs, JobToStart } from '../../src/temporal/jobs.ts';
import { jobsWorld, type JobsWorld } from '../support/jobs-world.ts';
import { asked } from '../support/kinds.ts';
import { until } from '../support/until.ts';

const LATER = '2035-01-01T00:00:00.000Z';

let world: JobsWorld;
let jobs: Jobs;

beforeAll(async () => {
  const cli = { path: inject('temporalCli'), version: inject('temporalCliVersion') };
  world = await jobsWorld(cli, inject('workflowBundlePath'));
  jobs = world.jobs;
});
afterAll(async () => world[Symbol.asyncDispose]());

function greet(name: string, more: Partial<RequestedJob> = {}): JobRequest {
  return asked({ args: { name }, ...more });
}

async function startAll(toStart: readonly JobToStart[], by: Jobs = jobs): Promise<JobView[]> {
  const outcomes = await by.startAll(toStart);
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value.job;
  });
}

async function startMany(count: number, more: Partial<RequestedJob> = {}): Promise<JobView[]> {
  return startAll(Array.from({ length: count }, (_, n) => ({ request: greet(`${n}`, more) })));
}

function groupIdOf({ id }: JobView): string {
  const address = itemAddress(id);
  if (!address) throw new Error(`${id} is not in a group`);
  return address.groupId;
}

async function reaches(id: string, state: JobView['state']): Promise<JobView> {
  await until(`${id} is ${state}`, async () => (await jobs.read(id)).job.state === state, 20_000);
  return (await jobs.read(id)).job;
}

describe('a job that came in a group', () => {
  test('is read, watched, listed and done like any other', async () => {
    const started = await startMany(3, { dueAt: LATER });
    const groupId = groupIdOf(started[0] as JobView);
    expect(started.map(({ id }) => id)).toEqual([0, 1, 2].map((item) => `${groupId}.${item}`));
    const states: string[] = [];
    const watching = (async () => {
      for await (const { job } of jobs.watch(`${groupId}.1`, AbortSignal.timeout(30_000))) states.push(job.state);
    })();
    await until('it is watched', async () => states.length > 0, 10_000);
    await world.withWorkers(async () => {
      await jobs.actOnGroup(groupId, { type: 'runNow' });
      await watching;
      for (const { id } of started)
        expect(await reaches(id, 'done')).toMatchObject({ attempt: 1, endedAt: expect.stringMatching(/Z$/) });
      await until('the group has ended', async () => (await jobs.readGroup(groupId)).endedAt !== null, 10_000);
    });
    expect([states[0], states.at(-1)]).toEqual(['scheduled', 'done']);
    expect(await jobs.readGroup(groupId)).toMatchObject({ counts: { done: 3 }, actions: [] });
    await until('it is listed', async () => (await jobs.latest(100)).some(({ id }) => id === groupId), 10_000);
    const listed = await jobs.latest(100);
    expect(listed.find(({ id }) => id === groupId)).toMatchObject({
      group: { jobs: 3 },
      state: 'done',
      queue: 'default',
    });
    expect(listed.filter(({ id }) => id.startsWith(`${groupId}.`))).toEqual([]);
  }, 60_000);

  test('is read as cancelled when somebody terminates its group', async () => {
    const [job] = (await startMany(2, { dueAt: LATER })) as [JobView, JobView];
    await world.client.workflow.getHandle(groupIdOf(job)).terminate('enough');
    expect((await jobs.read(job.id)).job).toMatchObject({ state: 'cancelled', error: { message: 'enough' } });
  });

  test('is not there when its group is not, or has no such number', async () => {
    const [job] = (await startMany(2, { dueAt: LATER })) as [JobView, JobView];
    await expect(jobs.read(`${groupIdOf(job)}.2`)).rejects.toThrow(JobNotFoundError);
    await expect(jobs.read(`group-${randomUUID()}.0`)).rejects.toThrow(JobNotFoundError);
    await expect(jobs.readGroup(`group-${randomUUID()}`)).rejects.toThrow(JobNotFoundError);
  });

  test('is moved without a worker too, and its group with it', async () => {
    const [one, other] = (await startMany(2, { dueAt: LATER })) as [JobView, JobView];
    await until('workers: none', async () => (await jobs.health()).workers === 'none', 10_000);
    const moved = await jobs.act(one.id, { type: 'runNow' });
    expect(moved.applied).toBe('whenAWorkerIsBack');
    expect((await jobs.read(one.id)).pendingActions).toMatchObject([{ action: 'runNow' }]);
    expect((await jobs.read(other.id)).pendingActions).toEqual([]);
    await world.withWorkers(async () => {
      await reaches(one.id, 'done');
      await expect(jobs.act(one.id, { type: 'pause' })).rejects.toThrow(IllegalActionError);
      expect((await jobs.actOnGroup(groupIdOf(one), { type: 'pause' })).counts).toEqual({ done: 1, paused: 1 });
      expect((await jobs.actOnGroup(groupIdOf(one), { type: 'cancel' })).queue).toBe('default');
      await reaches(other.id, 'cancelled');
    });
  }, 60_000);

  test('moves on with its id when it is edited, and answers there', async () => {
    await world.withWorkers(async () => {
      const [one] = (await startMany(2, { dueAt: LATER })) as [JobView, JobView];
      await until('workers: present', async () => (await jobs.health()).workers === 'present', 10_000);
      const edited = await jobs.act(one.id, { type: 'edit', changes: { args: { name: 'edited' } } });
      expect(edited).toMatchObject({ applied: 'now', job: { id: one.id, state: 'scheduled' } });
      expect((await world.client.workflow.getHandle(one.id).describe()).type).toBe('NameWorkflow');
      await jobs.act(one.id, { type: 'runNow' });
      expect((await reaches(one.id, 'done')).result).toBe('Hello, edited');
      const group = await jobs.readGroup(groupIdOf(one));
      expect(group.counts).toEqual({ done: 1, scheduled: 1 });
      await until('it is listed', async () => (await jobs.latest(100)).some(({ id }) => id === one.id), 10_000);
    });
  }, 60_000);
});

test('jobs that wait for their time in a worker’s hands are scheduled to everybody, and can be moved', async () => {
  await world.withWorkers(async () => {
    await until('workers: present', async () => (await jobs.health()).workers === 'present', 10_000);
    const dueAt = Date.now() + 10_000;
    const soon = greet('first', { delayMs: 1_000 });
    const later = Array.from({ length: 15 }, (_, n) => greet(`${n}`, { dueAt: new Date(dueAt).toISOString() }));
    const started = await startAll([soon, ...later].map((request) => ({ request })));
    const [first, hurried, postponed, held, unwanted, ...others] = started.map(({ id }) => id) as [string, ...string[]];
    await reaches(first, 'done');
    expect(world.inHand.size).toBe(1);
    expect((await jobs.readGroup(groupIdOf(started[0] as JobView))).counts).toEqual({ done: 1, scheduled: 15 });
    expect((await jobs.act(hurried as string, { type: 'runNow' })).applied).toBe('now');
    await reaches(hurried as string, 'done');
    expect((await jobs.act(postponed as string, { type: 'reschedule', dueAt: LATER })).job.dueAt).toBe(LATER);
    expect((await jobs.act(held as string, { type: 'pause' })).job.state).toBe('paused');
    await jobs.act(unwanted as string, { type: 'cancel' });
    await reaches(unwanted as string, 'cancelled');
    expect(Date.now()).toBeLessThan(dueAt);
    for (const id of others) {
      const { attempts } = await reaches(id, 'done');
      expect(attempts).toHaveLength(1);
      expect(Date.parse(attempts[0]?.startedAt ?? '')).toBeGreaterThanOrEqual(dueAt);
    }
    expect((await jobs.readGroup(groupIdOf(started[0] as JobView))).counts).toMatchObject({ scheduled: 1, paused: 1 });
  });
}, 60_000);

describe('what goes together', () => {
  test('at most 500 jobs', async () => {
    const started = await startMany(501, { dueAt: LATER, queue: 'five-hundred' });
    const groups = Map.groupBy(started, ({ id }) => itemAddress(id)?.groupId ?? 'alone');
    expect([...groups.values()].map(({ length }) => length).sort((a, b) => a - b)).toEqual([1, 500]);
    expect(groups.get('alone')).toHaveLength(1);
  });

  test('not more than a megabyte, and no job whose arguments are beyond their budget', async () => {
    const weighing = (bytes: number, queue: string): JobRequest => {
      const name = 'x'.repeat(bytes - Buffer.byteLength(JSON.stringify({ name: '' })));
      return greet(name, { dueAt: LATER, queue });
    };
    // With its options each is a little more than a quarter.
    const quarters = Array.from({ length: 4 }, () => ({ request: weighing(BUDGETS.groupArguments / 4, 'heavy') }));
    const [one, two, three, four] = (await startAll(quarters)) as [JobView, JobView, JobView, JobView];
    expect(groupIdOf(one)).toBe(groupIdOf(two));
    expect(groupIdOf(one)).toBe(groupIdOf(three));
    expect(itemAddress(four.id)).toBeUndefined();

    const heaviest = BUDGETS.arguments;
    const boundary = [weighing(heaviest, 'heaviest'), weighing(heaviest + 1, 'heaviest'), greet('light')];
    const outcomes = await jobs.startAll(boundary.map((request) => ({ request })));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(outcomes[1]).toMatchObject({ reason: expect.any(JobTooLargeError) });
  });

  test('a heaviest possible job runs, and its attempt is told all of it', async () => {
    const name = 'x'.repeat(BUDGETS.arguments - 100);
    const { job } = await jobs.start(greet(name));
    await world.withWorkers(async () => {
      // It reached the worker, which refuses such a name.
      expect(await reaches(job.id, 'dead')).toMatchObject({ error: { type: 'JobArgsInvalid' } });
      await jobs.act(job.id, { type: 'discard' });
    });
  }, 60_000);

  test('only what has the same queue and priority', async () => {
    const requests = [greet('a'), greet('b', { queue: 'other' }), greet('c'), greet('d', { priority: 1 })];
    const started = await startAll(requests.map((request) => ({ request: { ...request, dueAt: LATER } })));
    const groups = started.map(({ id }) => itemAddress(id)?.groupId);
    expect(groups[0]).toBe(groups[2]);
    expect([groups[1], groups[3]]).toEqual([undefined, undefined]);
  });

  test('no long work, and nothing that has a key of its caller’s choosing', async () => {
    const report = asked({ kind: 'WriteReport', args: { rows: 1, msPerRow: 0 }, dueAt: LATER });
    const keyed = { request: greet('a', { dueAt: LATER }), keys: { idempotencyKey: randomUUID() } };
    const started = await startAll([{ request: report }, { request: report }, keyed]);
    expect(started.map(({ id }) => itemAddress(id))).toEqual([undefined, undefined, undefined]);
  });
});

describe('a request key', () => {
  const withKeys = (count: number): JobToStart[] =>
    Array.from({ length: count }, (_, n) => ({
      request: greet(`${n}`, { dueAt: LATER, queue: 'keyed' }),
      keys: { requestKey: randomUUID() },
    }));
  const repeated = (all: readonly JobToStart[], firstSentAt: number): JobToStart[] =>
    all.map(({ request, keys }) => ({ request, keys: { ...keys, firstSentAt } }));

  test('gives the first job back, in the process that has started it', async () => {
    const all = withKeys(20);
    const first = await startAll(all);
    expect(new Set(first.map(groupIdOf)).size).toBe(1);
    const outcomes = await jobs.startAll(all);
    expect(outcomes.map((each) => each.status === 'fulfilled' && [each.value.job.id, each.value.created])).toEqual(
      first.map(({ id }) => [id, false]),
    );
  });

  test('gives it back to requests that come while it is on its way', async () => {
    const [one] = withKeys(1) as [JobToStart];
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => jobs.start(one.request, one.keys)));
    expect(outcomes.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(outcomes.map(({ job }) => job.id)).size).toBe(1);
  });

  test('gives it back in a process that knows nothing of it: the first one died before it could answer', async () => {
    const sentAt = Date.now();
    const all = withKeys(30);
    // The answers to these never reach anybody.
    const first = await startAll(all);
    const another = createJobs(world.client);
    expect((await startAll(repeated(all, sentAt), another)).map(({ id }) => id)).toEqual(first.map(({ id }) => id));
    const [alone] = withKeys(1) as [JobToStart];
    const { job } = await jobs.start(alone.request, alone.keys);
    expect(itemAddress(job.id)).toBeUndefined();
    expect(await startAll(repeated([alone], sentAt), createJobs(world.client))).toMatchObject([{ id: job.id }]);
  }, 60_000);

  test('starts the job when the first request has started none, alone and under its key', async () => {
    const all = withKeys(5);
    const started = await startAll(repeated(all, Date.now() - 60_000));
    expect(started.map(({ id }) => id)).toEqual(all.map(({ keys }) => keys?.requestKey));
  });

  test('starts one job for two repeats, through two processes at the same moment', async () => {
    const all = repeated(withKeys(15), Date.now() - 60_000);
    const [some, others] = await Promise.all([startAll(all), startAll(all, createJobs(world.client))]);
    expect(others.map(({ id }) => id)).toEqual(some.map(({ id }) => id));
    expect(new Set(some.map(({ id }) => id)).size).toBe(15);
  });

  test('starts nothing that was repeated elsewhere while its start was late', async () => {
    const all = withKeys(4);
    const repeatedOnes = await startAll(repeated(all.slice(0, 2), Date.now() - 60_000), createJobs(world.client));
    const deps = {
      client: world.client,
      taskQueue: DEFAULT_TASK_QUEUE,
      workers: { presence: async () => 'none' as const },
    };
    const asLate = ({ request, keys }: JobToStart): GroupedJob => ({
      ...newJob(request, askedNow(performance.now() - 5_000)),
      requestKey: keys?.requestKey,
    });
    const late = all.map(asLate);
    const fresh: GroupedJob[][] = [];
    const started = await startUnlessRepeated(deps, late, async (those) => {
      fresh.push([...those]);
      return startGroup(deps, those as [GroupedJob, ...GroupedJob[]]);
    });
    expect(fresh).toEqual([late.slice(2)]);
    expect(started.slice(0, 2).map(({ job, created }) => [job.id, created])).toEqual(
      repeatedOnes.map(({ id }) => [id, false]),
    );
    expect(started.slice(2).map(({ created }) => created)).toEqual([true, true]);
  });

  test('gives the first job back as it is now, though somebody has edited it since', async () => {
    const sentAt = Date.now();
    const [one, two] = withKeys(2) as [JobToStart, JobToStart];
    const [first] = (await startAll([one, two])) as [JobView, JobView];
    await world.withWorkers(async () => {
      await jobs.act(first.id, { type: 'edit', changes: { args: { name: 'edited' } } });
      await until(
        'it is edited',
        async () => JSON.stringify((await jobs.read(first.id)).args).includes('edited'),
        10_000,
      );
    });
    expect(await startAll([one])).toMatchObject([{ id: first.id }]);
    expect(await startAll(repeated([one], sentAt), createJobs(world.client))).toMatchObject([{ id: first.id }]);
  }, 60_000);

  test('is refused for a job with other contents, known here or not', async () => {
    const sentAt = Date.now();
    const [one, two] = withKeys(2) as [JobToStart, JobToStart];
    await startAll([one, two]);
    await expect(jobs.start(greet('somebody else'), one.keys)).rejects.toThrow(KeyReusedError);
    const keys = { ...one.keys, firstSentAt: sentAt };
    await expect(createJobs(world.client).start(greet('somebody else'), keys)).rejects.toThrow(KeyReusedError);
  });
});

test('a group with a long history goes on in a new run, and its jobs with it', async () => {
  await world.withWorkers(async () => {
    const started = await startMany(3, { dueAt: LATER });
    const [ended, left, going] = started as [JobView, JobView, JobView];
    const groupId = groupIdOf(ended);
    await jobs.act(ended.id, { type: 'discard' });
    await jobs.act(left.id, { type: 'edit', changes: { maxAttempts: 2 } });
    const handle = world.client.workflow.getHandle(groupId);
    const { runId } = await handle.describe();
    await until(
      'it has continued as new',
      async () => {
        const signals = Array.from({ length: 200 }, () => handle.signal(SIGNALS.reschedule, { dueAt: LATER }, 2));
        await Promise.all(signals);
        // A run cannot be closed while messages keep coming in: let it catch up.
        await handle.query(groupQuery);
        return (await handle.describe()).runId !== runId;
      },
      60_000,
    );
    expect((await jobs.read(ended.id)).job.state).toBe('discarded');
    expect((await jobs.read(left.id)).job).toMatchObject({ state: 'scheduled', maxAttempts: 2 });
    expect((await jobs.read(going.id)).job).toMatchObject({ state: 'scheduled', dueAt: LATER });
    expect((await jobs.readGroup(groupId)).counts).toEqual({ discarded: 1, scheduled: 2 });
    const watched: string[] = [];
    const watching = (async () => {
      for await (const { job } of jobs.watch(going.id, AbortSignal.timeout(20_000))) watched.push(job.state);
    })();
    await jobs.act(going.id, { type: 'runNow' });
    await reaches(going.id, 'done');
    await watching;
    expect(watched.at(-1)).toBe('done');
    expect((await jobs.readGroup(groupId)).counts).toEqual({ discarded: 1, done: 1, scheduled: 1 });
    await jobs.act(left.id, { type: 'discard' });
  });
}, 120_000);
