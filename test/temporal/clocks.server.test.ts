/** An instant is by Temporal's clock, and so is the moment from which a delay counts: whoever starts a job may have any time. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, inject, test, vi } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { GROUP_WORKFLOW, itemAddress } from '../../src/job/group/groups.ts';
import type { JobView } from '../../src/job/job.ts';
import { DEFAULT_TASK_QUEUE } from '../../src/contract/queues.ts';
import { JobDueAt } from '../../src/contract/search-attributes.ts';
import { connectClient } from '../../src/temporal/connect.ts';
import { createJobs } from '../../src/temporal/create-jobs.ts';
import { askedNow, inputNow, newJob } from '../../src/temporal/start/new-job.ts';
import { asked } from '../support/kinds.ts';
import { runningWorld } from '../support/running-world.ts';
import { until } from '../support/until.ts';

const QUEUE = 'clocks';
const client = connectClient(loadConfig({ TEMPORAL_ADDRESS: inject('temporalAddress') }).temporal);
const jobs = createJobs(client);
let world: Awaited<ReturnType<typeof runningWorld>>;

beforeAll(async () => {
  world = await runningWorld(client, QUEUE);
});

afterEach(() => {
  vi.useRealTimers();
});

afterAll(async () => world[Symbol.asyncDispose]());

/** As a web server whose clock is wrong by so much. */
async function withClockOff<T>(ms: number, body: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
  try {
    return await body();
  } finally {
    vi.useRealTimers();
  }
}

const request = (delayMs: number) => asked({ queue: QUEUE, delayMs });
const delayOf = ({ dueAt, createdAt }: JobView): number => Date.parse(dueAt) - Date.parse(createdAt);

async function isDone(id: string): Promise<JobView> {
  await until(`${id} is done`, async () => (await jobs.read(id)).job.state === 'done', 15_000);
  return (await jobs.read(id)).job;
}

async function listedDueAt(workflowId: string): Promise<number | undefined> {
  const { typedSearchAttributes } = await client.workflow.getHandle(workflowId).describe();
  return typedSearchAttributes.get(JobDueAt)?.getTime();
}

const CLOCKS = [
  ['90 s ahead', 90_000],
  ['90 s behind', -90_000],
  ['right', 0],
] as const;

test.each(CLOCKS)('a job of a web whose clock is %s is due when it was asked for', async (_how, off) => {
  const { job } = await withClockOff(off, () => jobs.start(request(1_000)));
  const done = await isDone(job.id);
  // What went by before the start counts.
  expect(delayOf(done)).toBeLessThanOrEqual(1_000);
  expect(delayOf(done)).toBeGreaterThan(0);
  expect(Date.parse(done.startedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(done.dueAt));
});

test.each(CLOCKS)(
  'jobs that a web whose clock is %s starts together are due when they were asked for',
  async (_how, off) => {
    const outcomes = await withClockOff(off, () =>
      jobs.startAll([0, 1_000, 60_000].map((delayMs) => ({ request: request(delayMs) }))),
    );
    const ids = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.job.id : ''));
    expect(itemAddress(ids[0] ?? '')?.groupId).toBe(itemAddress(ids[2] ?? '')?.groupId);
    expect(delayOf(await isDone(ids[0] ?? ''))).toBe(0);
    expect(delayOf(await isDone(ids[1] ?? ''))).toBeLessThanOrEqual(1_000);
    const later = (await jobs.read(ids[2] ?? '')).job;
    expect(later.state).toBe('scheduled');
    expect(delayOf(later)).toBeGreaterThan(50_000);
  },
);

test.each(CLOCKS)('lists show a job of a web whose clock is %s as due when it is', async (_how, off) => {
  const { job } = await withClockOff(off, () => jobs.start(request(600_000)));
  const dueAt = Date.parse((await jobs.read(job.id)).job.dueAt);
  const isRight = async (): Promise<boolean> => Math.abs(((await listedDueAt(job.id)) ?? 0) - dueAt) <= 5_000;
  await until('lists know better', isRight, 15_000);
  await jobs.act(job.id, { type: 'cancel' });
  expect(await isRight()).toBe(true);
});

test.each([
  [90_000, 1],
  [0, 0],
])('lists of a group are corrected where its web’s clock is %i ms off, and only there', async (off, corrections) => {
  const outcomes = await withClockOff(off, () => jobs.startAll([1, 2].map(() => ({ request: request(600_000) }))));
  const [first] = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.job : undefined));
  const groupId = itemAddress(first?.id ?? '')?.groupId ?? expect.fail('no group');
  const taskIsDone = async (): Promise<number> => {
    const { events } = await client.workflow.getHandle(groupId).fetchHistory();
    return (events ?? []).filter((event) => event.workflowTaskCompletedEventAttributes).length;
  };
  await until('the group has seen its jobs', async () => (await taskIsDone()) > 0, 15_000);
  const { events } = await client.workflow.getHandle(groupId).fetchHistory();
  const upserts = (events ?? []).filter((event) => event.upsertWorkflowSearchAttributesEventAttributes);
  expect(upserts).toHaveLength(corrections);
  const dueAt = Date.parse((await jobs.read(first?.id ?? '')).job.dueAt);
  await until('lists know', async () => Math.abs(((await listedDueAt(groupId)) ?? 0) - dueAt) <= 5_000, 15_000);
  await jobs.actOnGroup(groupId, { type: 'cancel' });
});

test('Temporal’s CLI may give a delay too, to a job and to those of a group', async () => {
  const options = { taskQueue: DEFAULT_TASK_QUEUE };
  const workflowId = `delayed-${randomUUID()}`;
  const input = { args: { name: 'foo' }, delayMs: 700 };
  await client.workflow.start('NameWorkflow', { ...options, workflowId, args: [{ ...input, queue: QUEUE }] });
  const groupId = `group-${randomUUID()}`;
  const group = { queue: QUEUE, items: [{ kind: 'NameWorkflow', ...input }] };
  await client.workflow.start(GROUP_WORKFLOW, { ...options, workflowId: groupId, args: [group] });
  for (const id of [workflowId, `${groupId}.0`]) expect(delayOf(await isDone(id))).toBe(700);
});

test('what goes by between the request and its start is taken off the delay, and never more', async () => {
  const job = newJob(request(10_000), askedNow());
  expect(inputNow(job, job.askedAt).delayMs).toBe(10_000);
  expect(inputNow(job, job.askedAt + 4_000).delayMs).toBe(6_000);
  expect(inputNow(job, job.askedAt + 4_000.9).delayMs).toBe(6_000);
  expect(inputNow(job, job.askedAt + 40_000).delayMs).toBe(0);
  const atAnInstant = newJob(asked({ queue: QUEUE, dueAt: '2030-01-01T00:00:00Z' }), askedNow());
  expect(inputNow(atAnInstant)).toEqual({ args: { name: 'foo' }, queue: QUEUE, dueAt: '2030-01-01T00:00:00Z' });
});
