/** What a user who sends A, B and C in one request expects of a queue with one slot. */
import { NativeConnection } from '@temporalio/worker';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, expect, inject, onTestFinished, test, vi } from 'vitest';
import { itemAddress } from '../../src/job/group/groups.ts';
import { LIMITS } from '../../src/contract/limits.ts';
import { DEFAULT_TASK_QUEUE } from '../../src/contract/queues.ts';
import type { RequestedJob } from '../../src/contract/schemas/job-request.ts';
import type { JobToStart, StartKeys } from '../../src/temporal/jobs.ts';
import { Slots } from '../../src/activities/slots.ts';
import { createWorkers } from '../../src/worker/create-workers.ts';
import { jobsWorld, type JobsWorld } from '../support/jobs-world.ts';
import { inProcessRunners } from '../support/in-process-runners.ts';
import { asked, CATALOGUE } from '../support/kinds.ts';
import { until } from '../support/until.ts';
import { whileRunning } from '../support/while-running.ts';

let world: JobsWorld;

beforeAll(async () => {
  const cli = { path: inject('temporalCli'), version: inject('temporalCliVersion') };
  world = await jobsWorld(cli, inject('workflowBundlePath'));
});
afterAll(async () => world[Symbol.asyncDispose]());
afterEach(() => void vi.restoreAllMocks());

type More = Partial<RequestedJob> & { readonly keys?: StartKeys };

/** Greets `0`, `1`, `2`, …, each as `more` says. */
function greet(count: number, more: (n: number) => More = () => ({})): JobToStart[] {
  return Array.from({ length: count }, (_, n) => {
    const { keys = {}, ...request } = more(n);
    return { request: asked({ args: { name: String(n) }, ...request }), keys };
  });
}

async function idsOf(jobs: readonly JobToStart[]): Promise<string[]> {
  const outcomes = await world.jobs.startAll(jobs);
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value.job.id;
  });
}

test('a queue with one slot begins them in their order', async () => {
  const greeted: number[] = [];
  const write = (line: string): void => {
    const { event, name } = JSON.parse(line) as { event: string; name: string };
    if (event === 'job.succeeded') greeted.push(Number(name));
  };
  const connection = await NativeConnection.connect({ address: world.address });
  onTestFinished(async () => connection.close());
  const workers = await createWorkers({
    connection,
    namespace: 'default',
    taskQueue: DEFAULT_TASK_QUEUE,
    slots: new Map([['one-at-a-time', new Slots(1)]]),
    bundlePath: inject('workflowBundlePath'),
    shutdownGraceMs: 0,
    activities: {
      runners: inProcessRunners({ catalogue: CATALOGUE, world: undefined }, 'worker-of-the-test', pino({}, { write })),
      worker: 'worker-of-the-test',
    },
  });
  const inOrder = Array.from({ length: 60 }, (_, n) => n);
  await whileRunning(workers, async () => {
    await idsOf(greet(inOrder.length, (n) => ({ queue: 'one-at-a-time', ...(n % 2 === 0 && { delayMs: 0 }) })));
    await until('all have run', async () => greeted.length >= inOrder.length, 20_000);
  });
  expect(greeted).toEqual(inOrder);
});

/** Every look at the clock finds it later, as happens to a long request. */
function timePasses(): void {
  let time = Date.now();
  vi.spyOn(Date, 'now').mockImplementation(() => (time += 1));
}

const LATER = '2040-01-01T00:00:00.000Z';
const queue = 'nobody-serves-it';
const KINDS_OF_LINES: [string, (n: number) => More][] = [
  ['say nothing of a time', () => ({ queue })],
  ['say that there is no delay, or nothing', (n) => ({ queue, ...(n % 2 === 0 && { delayMs: 0 }) })],
  ['have the same delay', () => ({ queue, delayMs: 60_000 })],
  ['have the same due time', () => ({ queue, dueAt: LATER })],
  [
    'have a request key, or none',
    (n) => ({ queue, ...(n % 3 === 0 && { keys: { requestKey: crypto.randomUUID() } }) }),
  ],
];

test.each(KINDS_OF_LINES)('jobs that %s are numbered in the order of their lines', async (_, more) => {
  timePasses();
  const addresses = (await idsOf(greet(LIMITS.groupItems + 50, more))).map((id) => itemAddress(id));
  const inFirst = Array.from({ length: LIMITS.groupItems }, (_item, item) => item);
  expect(addresses.map((address) => address?.item)).toEqual([...inFirst, ...inFirst.slice(0, 50)]);
  expect(new Set(addresses.map((address) => address?.groupId)).size).toBe(2);
});

test('jobs that are due earlier come first, and those due together stay in their order', async () => {
  const more = (n: number): More => ({ queue, dueAt: n % 2 === 0 ? '2040-02-01T00:00:00Z' : LATER });
  const items = (await idsOf(greet(6, more))).map((id) => itemAddress(id)?.item);
  expect(items).toEqual([3, 0, 4, 1, 5, 2]);
});

test('jobs that travel alone are started a few at a time, in the order of their lines', async () => {
  const { workflow } = world.client;
  const start = workflow.start.bind(workflow);
  const started: string[] = [];
  let underWay = 0;
  let most = 0;
  vi.spyOn(workflow, 'start').mockImplementation(async (...args) => {
    started.push(args[1].workflowId);
    most = Math.max(most, (underWay += 1));
    return start(...args).finally(() => (underWay -= 1));
  });
  const prefix = crypto.randomUUID();
  const ids = await idsOf(greet(60, (n) => ({ queue, keys: { idempotencyKey: `${prefix}-${n}` } })));
  expect(ids).toEqual(Array.from({ length: 60 }, (_, n) => `${prefix}-${n}`));
  expect(started).toEqual(ids);
  expect(most).toBeLessThan(20);
});
