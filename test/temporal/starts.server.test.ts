/** Starts that come past the web, by Temporal's own tools: whatever they hold, a person can see the job and do something about it. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { GROUP_WORKFLOW, itemId } from '../../src/job/group/groups.ts';
import { recordFromInput } from '../../src/job/job-record.ts';
import type { JobView } from '../../src/job/job.ts';
import { JobViewSchema } from '../../src/contract/schemas/job-view.ts';
import { DEFAULT_TASK_QUEUE } from '../../src/contract/queues.ts';
import { JobError, JobQueue, JobState } from '../../src/contract/search-attributes.ts';
import { connectClient } from '../../src/temporal/connect.ts';
import { createJobs } from '../../src/temporal/create-jobs.ts';
import { runningWorld } from '../support/running-world.ts';
import { until } from '../support/until.ts';

const QUEUE = 'starts';
const client = connectClient(loadConfig({ TEMPORAL_ADDRESS: inject('temporalAddress') }).temporal);
const jobs = createJobs(client);
let world: Awaited<ReturnType<typeof runningWorld>>;

beforeAll(async () => {
  world = await runningWorld(client, QUEUE);
});

afterAll(async () => world[Symbol.asyncDispose]());

interface Payload {
  readonly encoding: string;
  readonly data: string;
}

const json = (value: unknown): Payload => ({ encoding: 'json/plain', data: JSON.stringify(value) });

/** As any client of Temporal's may. */
async function start(type: string, workflowId: string, payloads: readonly Payload[]): Promise<void> {
  await client.workflowService.startWorkflowExecution({
    namespace: 'default',
    requestId: randomUUID(),
    workflowId,
    workflowType: { name: type },
    taskQueue: { name: DEFAULT_TASK_QUEUE },
    workflowTaskTimeout: { seconds: 5 as never },
    input: {
      payloads: payloads.map(({ encoding, data }) => ({
        metadata: { encoding: Buffer.from(encoding) },
        data: Buffer.from(data),
      })),
    },
  });
}

async function startJob(...payloads: readonly Payload[]): Promise<string> {
  const id = `started-${randomUUID()}`;
  await start('NameWorkflow', id, payloads);
  return id;
}

/** Read, and as the API documents it. */
async function view(id: string): Promise<JobView> {
  const { job } = await jobs.read(id);
  expect(JobViewSchema.safeParse(job).error).toBeUndefined();
  return job;
}

async function expectState(id: string, state: JobView['state']): Promise<JobView> {
  await until(`${id} is ${state}`, async () => (await view(id)).state === state, 15_000);
  return view(id);
}

/** Again and again, since it goes out again and again. It counts as no attempt. */
async function expectGivenBack(id: string): Promise<JobView> {
  await until(`${id} is given back`, async () => ((await view(id)).givenBack?.times ?? 0) >= 2, 15_000);
  const job = await view(id);
  expect(job.givenBack).toMatchObject({ why: 'unknownKind' });
  expect(job).toMatchObject({ attempt: 0, crashes: 0, error: null });
  return job;
}

/** The workflow has had its first task, so lists know what became of the job. */
async function expectListedAsDead(id: string): Promise<void> {
  await until(
    `${id} is listed as dead`,
    async () => {
      const { typedSearchAttributes } = await client.workflow.getHandle(id).describe();
      return typedSearchAttributes.get(JobState) === 'dead';
    },
    15_000,
  );
}

const args = { name: 'foo' };
const good = { args, queue: QUEUE };
const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;

/** What is given, and the field that the job's error names. */
const BAD_STARTS: readonly (readonly [what: string, payloads: readonly Payload[], field: string])[] = [
  ['a queue that is a number', [json({ ...good, queue: 5 })], 'queue'],
  ['the workflows’ own queue', [json({ ...good, queue: 'holdfast' })], 'queue'],
  ['a queue of nothing', [json({ ...good, queue: null })], 'queue'],
  ['a list of retry delays of words', [json({ ...good, retryDelaysMs: ['a'] })], 'retryDelaysMs'],
  ['an empty retry delays', [json({ ...good, retryDelaysMs: [] })], 'retryDelaysMs'],
  [
    'a list of retry delays of fractions beyond counting',
    [`{"args":{},"retryDelaysMs":[1e999]}`].map(raw),
    'retryDelaysMs',
  ],
  ['attempts that are a word', [json({ ...good, maxAttempts: 'x' })], 'maxAttempts'],
  ['no attempts at all', [json({ ...good, maxAttempts: 0 })], 'maxAttempts'],
  ['a time limit that is a word', [json({ ...good, timeoutMs: '5s' })], 'timeoutMs'],
  ['a way to travel that there is not', [json({ ...good, travels: 'by train' })], 'travels'],
  ['a forged record', [json({ ...good, record: {} })], 'record'],
  ['a record that is a list', [json({ ...good, record: [] })], 'record'],
  ['a record of nothing', [json({ ...good, record: null })], 'record'],
  ['a due time that is none', [json({ ...good, dueAt: 'soon' })], 'dueAt'],
  ['a due time that is a number', [json({ ...good, dueAt: 1_900_000_000_000 })], 'dueAt'],
  ['a due time beyond ten years', [json({ ...good, dueAt: '9999-12-31T23:59:59Z' })], 'dueAt'],
  ['a delay that is negative', [json({ ...good, delayMs: -1 })], 'delayMs'],
  ['a delay beyond ten years', [json({ ...good, delayMs: 1e15 })], 'delayMs'],
  ['two due times', [json({ ...good, delayMs: 1, dueAt: '2030-01-01T00:00:00Z' })], 'delayMs'],
  ['no arguments', [json({ queue: QUEUE })], 'args'],
  ['arguments that are a list', [json({ ...good, args: [] })], 'args'],
  ['arguments that are a word', [json({ ...good, args: 'foo' })], 'args'],
  ['arguments that are too large', [json({ ...good, args: { name: 'x'.repeat(2_090_000) } })], 'args'],
  ['arguments that are nested too deeply', [raw(`{"queue":"${QUEUE}","args":{"name":${deep}}}`)], 'args'],
  ['a field that no job has', [json({ ...good, dueat: '2030-01-01T00:00:00Z' })], 'dueat'],
  ['no input', [], 'input'],
  ['an input of nothing', [json(null)], 'input'],
  ['an input that is a list', [json([good])], 'input'],
  ['an input that is a word', [json('foo')], 'input'],
  ['two inputs', [json(good), json(good)], 'inputs'],
  ['an input of bytes', [{ encoding: 'binary/plain', data: 'foo' }], 'input'],
  ['an input that is no JSON', [raw('{')], 'input'],
  ['an input in a foreign encoding', [{ encoding: 'of/others', data: 'foo' }], 'input'],
  ['an input without an encoding', [{ encoding: '', data: '{}' }], 'input'],
];

function raw(data: string): Payload {
  return { encoding: 'json/plain', data };
}

const SOME = BAD_STARTS.filter((_start, n) => n % 9 === 0);

describe.concurrent('a job that is started with', () => {
  test.for(BAD_STARTS)('%s is dead and says so, and can be mended and retried', async ([, payloads, field]) => {
    const id = await startJob(...payloads);
    expect(await view(id)).toMatchObject({ state: 'dead', endedAt: null });
    await expectListedAsDead(id);
    const { error } = await view(id);
    expect(error?.type).toBe('JobInvalid');
    expect(error?.message).toContain(field);
    const asked = await client.workflow.getHandle(id).query('job');
    expect(asked).toEqual(await view(id));
    await jobs.act(id, { type: 'edit', changes: { args, queue: QUEUE, maxAttempts: 3, retryDelaysMs: [1_000] } });
    expect(await view(id)).toMatchObject({ state: 'dead' });
    await jobs.act(id, { type: 'retry' });
    expect(await expectState(id, 'done')).toMatchObject({ attempt: 1, maxAttempts: 3, queue: QUEUE });
  });

  test.for(SOME)('%s can be discarded', async ([, payloads]) => {
    const id = await startJob(...payloads);
    await expectListedAsDead(id);
    await jobs.act(id, { type: 'discard' });
    await expectState(id, 'discarded');
  });

  test.for(SOME)('%s can be cancelled', async ([, payloads]) => {
    const id = await startJob(...payloads);
    await expectListedAsDead(id);
    await jobs.act(id, { type: 'cancel' });
    await expectState(id, 'cancelled');
  });

  test.for(SOME)('%s can be seen after it was terminated', async ([, payloads]) => {
    const id = await startJob(...payloads);
    await client.workflow.getHandle(id).terminate('by hand');
    expect(await expectState(id, 'cancelled')).toMatchObject({ error: { type: 'Terminated', message: 'by hand' } });
  });
});

test('a start with no more than its arguments is a job like any other', async () => {
  const id = await startJob(json(good));
  expect(await expectState(id, 'done')).toMatchObject({ error: null, attempt: 1 });
});

test('a job of a kind that no worker has work for waits, and says so', async () => {
  const id = `started-${randomUUID()}`;
  await start('Later', id, [json(good)]);
  const { givenBack } = await expectGivenBack(id);
  expect(givenBack?.worker).toBe('scripted');
  await jobs.act(id, { type: 'cancel' });
  expect(await expectState(id, 'cancelled')).toMatchObject({ kind: 'Later', attempts: [] });
});

test('what a retry finds unmended, it leaves out', async () => {
  const id = await startJob(json({ ...good, maxAttempts: 'x', dueAt: 'soon' }));
  await expectListedAsDead(id);
  await jobs.act(id, { type: 'retry' });
  expect(await expectState(id, 'done')).toMatchObject({ maxAttempts: 25 });
});

test('a job that is dead from its start is found by its error', async () => {
  const id = await startJob(json({ ...good, queue: 5 }));
  await expectListedAsDead(id);
  const { typedSearchAttributes } = await client.workflow.getHandle(id).describe();
  expect(typedSearchAttributes.get(JobError)).toBe('JobInvalid');
  expect(typedSearchAttributes.get(JobQueue)).toBe('default');
});

describe('a group', () => {
  const item = { kind: 'NameWorkflow', args };

  async function startGroup(...inputs: readonly unknown[]): Promise<string> {
    const id = `group-${randomUUID()}`;
    await start(GROUP_WORKFLOW, id, inputs.map(json));
    return id;
  }

  const BAD_ITEMS: readonly (readonly [what: string, item: unknown, field: string])[] = [
    ['without arguments', { kind: 'NameWorkflow' }, 'args'],
    ['with a list of retry delays of words', { ...item, retryDelaysMs: ['a'] }, 'retryDelaysMs'],
    ['with attempts that are a word', { ...item, maxAttempts: 'x' }, 'maxAttempts'],
    ['with a due time that is none', { ...item, dueAt: 5 }, 'dueAt'],
    ['with a due time beyond ten years', { ...item, dueAt: '9999-12-31T23:59:59Z' }, 'dueAt'],
    ['with a forged record', { ...item, record: {} }, 'record'],
    ['with a queue of its own', { ...item, queue: 'mailers' }, 'queue'],
    ['with a key that is a number', { ...item, requestKey: 5 }, 'requestKey'],
    ['with a time limit of nothing', { ...item, timeoutMs: 0 }, 'timeoutMs'],
    ['that is to travel alone', { ...item, travels: 'alone' }, 'travels'],
  ];

  test('goes on without those of its jobs that are not usable: each is dead alone, and can be mended', async () => {
    const items = [item, ...BAD_ITEMS.map(([, bad]) => bad), item];
    const groupId = await startGroup({ queue: QUEUE, items });
    for (const usable of [0, items.length - 1]) await expectState(itemId(groupId, usable), 'done');
    for (const [n, [what, , field]] of BAD_ITEMS.entries()) {
      const id = itemId(groupId, n + 1);
      await until(`${what} has left`, async () => (await jobs.read(id)).workflowId === id, 15_000);
      const { error, state } = await view(id);
      expect({ what, state, type: error?.type }).toEqual({ what, state: 'dead', type: 'JobInvalid' });
      expect(error?.message).toContain(field);
      await jobs.act(id, { type: 'edit', changes: { args } });
      await jobs.act(id, { type: 'retry' });
      expect(await expectState(id, 'done')).toMatchObject({ queue: QUEUE });
    }
  });

  test('ends those of its jobs that are of no kind, and no others', async () => {
    const bad: unknown[] = [
      null,
      5,
      'foo',
      [],
      { kind: 5, args },
      { kind: 'no name', args },
      { kind: 'holdfast.x', args },
    ];
    bad.push({ kind: GROUP_WORKFLOW, args }, {});
    const groupId = await startGroup({ queue: QUEUE, items: [...bad, item] });
    await expectState(itemId(groupId, bad.length), 'done');
    for (const n of bad.keys()) {
      const { job, actions } = await jobs.read(itemId(groupId, n));
      expect(job).toMatchObject({ state: 'dead', error: { type: 'JobInvalid' } });
      expect(job.endedAt).not.toBeNull();
      expect(actions).toEqual([]);
    }
    await until('the group has ended', async () => (await jobs.readGroup(groupId)).endedAt !== null, 15_000);
    expect((await jobs.readGroup(groupId)).counts).toEqual({ dead: bad.length, done: 1 });
  });

  test('keeps those of its jobs that no worker has work for, and goes on with the others', async () => {
    const groupId = await startGroup({ queue: QUEUE, items: [{ kind: 'Later', args }, item] });
    const [later, known] = [itemId(groupId, 0), itemId(groupId, 1)];
    await expectState(known, 'done');
    await expectGivenBack(later);
    expect((await jobs.read(later)).workflowId).toBe(groupId);
    await jobs.act(later, { type: 'cancel' });
    expect(await expectState(later, 'cancelled')).toMatchObject({ attempts: [] });
  });

  test('takes the options of its kinds from its table, and what a job says itself before that', async () => {
    const options = { maxAttempts: 2, retryDelaysMs: [3_600_000], timeoutMs: 5_000 };
    const items = [item, { ...item, maxAttempts: 3 }, { kind: 'WriteReport', args: { rows: 0, msPerRow: 0 } }];
    const groupId = await startGroup({ queue: QUEUE, kinds: { NameWorkflow: options }, items });
    const views = await Promise.all(items.map(async (_, n) => view(itemId(groupId, n))));
    expect(views.map(({ maxAttempts }) => maxAttempts)).toEqual([2, 3, 25]);
  });

  test.for<[what: string, inputs: readonly unknown[], says: string]>([
    ['no input', [], 'queue and items'],
    ['an input of nothing', [null], 'queue and items'],
    ['a list', [[item]], 'queue and items'],
    ['no queue', [{ items: [item] }], 'queue'],
    ['a queue that is a number', [{ queue: 5, items: [item] }], 'queue'],
    ['no items', [{ queue: QUEUE }], 'items'],
    ['items that are no list', [{ queue: QUEUE, items: { 0: item } }], 'items'],
    ['501 items', [{ queue: QUEUE, items: Array.from({ length: 501 }, () => item) }], '501'],
    [
      'items that weigh too much together',
      [{ queue: QUEUE, items: [{ ...item, args: { name: 'x'.repeat(2_080_000) } }] }],
      'weigh',
    ],
    ['kinds that are a list', [{ queue: QUEUE, kinds: [], items: [item] }], 'kinds'],
    ['kinds without their options', [{ queue: QUEUE, kinds: { NameWorkflow: {} }, items: [item] }], 'kinds'],
    ['forged jobs of an earlier run', [{ queue: QUEUE, items: [item], carried: {} }], 'carried'],
    [
      'jobs of another group',
      [{ queue: QUEUE, items: [], carried: { jobs: [{ id: 'x.0' }], chunks: 0, chunkSize: 1, summary: {} } }],
      'carried',
    ],
  ])('that is started with %s fails and says why, and can be seen', async ([, inputs, says]) => {
    const groupId = await startGroup(...inputs);
    const failed = await client.workflow
      .getHandle(groupId)
      .result()
      .catch((error: unknown) => error);
    expect(failed).toMatchObject({ cause: { type: 'GroupInvalid', message: expect.stringContaining(says) } });
    const group = await jobs.readGroup(groupId);
    expect(group.endedAt).not.toBeNull();
    for (const job of group.jobs) {
      expect(JobViewSchema.safeParse(job).error).toBeUndefined();
      expect(job.state).toBe('dead');
    }
  });

  test('that goes on from an earlier run keeps its paused jobs paused, though they are due', async () => {
    const handedOn = recordFromInput('group-00000000-0000-4000-8000-000000000000.3', 'NameWorkflow', 0, { ...good });
    const carried = { jobs: [{ ...handedOn, paused: true }], chunks: 1, chunkSize: 1, summary: {} };
    const groupId = await startGroup({ queue: QUEUE, items: [], carried });
    const id = itemId(groupId, 3);
    await expectState(id, 'paused');
    await client.workflow.getHandle(groupId).executeUpdate('resume', { args: [{}, 3] });
    expect(await expectState(id, 'done')).toMatchObject({ id, attempt: 1 });
  });

  test('takes no harm from signals that say nothing', async () => {
    const groupId = await startGroup({ queue: QUEUE, items: [{ ...item, delayMs: 2_000 }] });
    const handle = client.workflow.getHandle(groupId);
    const news = { chunk: 'chunk-1', report: { startedAt: 'x', done: 5, ended: [null], begun: {}, returned: ['x'] } };
    for (const sent of [[], [null], [5], [{}], [news]]) await handle.signal('chunkProgress', ...sent);
    for (const sent of [[], [null], ['x'], [{}], [null, 'x'], [{}, {}], [{}, 99], ['x', 0]])
      await handle.signal('cancel', ...sent);
    await expectState(itemId(groupId, 0), 'done');
  });
});
