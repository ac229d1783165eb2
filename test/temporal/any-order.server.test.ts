/**
 * Whatever comes in between two workflow tasks, in whatever order, the workflow and the web make the same of it. The test is the worker
 * that runs attempts, by Temporal's own calls, and lets workflows run only between its rounds.
 */
import * as fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Client } from '@temporalio/client';
import { encodeToPayloads, encodeErrorToFailure } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { NativeConnection } from '@temporalio/worker';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { failureOf, type UnsuccessfulEnd } from '../../src/job/attempt-end.ts';
import type { ChunkInput, ChunkReport, ItemEnd } from '../../src/job/group/chunks.ts';
import { FAILURE } from '../../src/contract/failures.ts';
import { chunkProgress, groupQuery, jobQuery } from '../../src/contract/messages.ts';
import { GROUP_WORKFLOW, itemId } from '../../src/job/group/groups.ts';
import type { JobView } from '../../src/job/job.ts';
import { DEFAULT_TASK_QUEUE } from '../../src/contract/queues.ts';
import { connectClient } from '../../src/temporal/connect.ts';
import { readJob } from '../../src/temporal/history/find-job.ts';
import { readGroup } from '../../src/temporal/history/read-group.ts';
import { installRuntime } from '../../src/worker/create-workers.ts';
import { startTestDevServer, type TestDevServer } from '../support/dev-server.ts';
import { until } from '../support/until.ts';
import { whileWorkflowsRun } from '../support/while-workflows-run.ts';

/** A longer run by hand: `RUNS=500 npx vitest run test/temporal/any-order.server.test.ts`. */
const RUNS = Number(process.env['RUNS'] ?? 6);
const SEED = Number(process.env['SEED'] ?? 26);
const ITEMS = 3;

let server: TestDevServer;
let connection: NativeConnection;
let client: Client;

beforeAll(async () => {
  installRuntime(pino({ level: 'silent' }));
  server = await startTestDevServer({ path: inject('temporalCli'), version: inject('temporalCliVersion') });
  const { address } = server.server;
  client = connectClient(loadConfig({ TEMPORAL_ADDRESS: address }).temporal);
  connection = await NativeConnection.connect({ address });
});

afterAll(async () => {
  await connection.close();
  await client.connection.close();
  await server[Symbol.asyncDispose]();
});

/** What may come in. Numbers choose among what there is at that moment. */
type Event =
  | { readonly type: 'signal'; readonly name: string; readonly input?: unknown; readonly item: number }
  | { readonly type: 'cancel'; readonly item: number }
  | { readonly type: 'end'; readonly how: UnsuccessfulEnd | 'done' }
  | { readonly type: 'news'; readonly items: readonly number[]; readonly how: UnsuccessfulEnd | 'done' | 'given back' };

const error = { type: 'Error', message: 'no luck' };
const lost = { type: FAILURE.workerLost, message: 'its process was killed' };
const anEnd = fc.constantFrom<UnsuccessfulEnd | 'done'>(
  'done',
  { as: 'failed', error, retryable: true },
  { as: 'failed', error, retryable: true, delayMs: 3_600_000 },
  { as: 'failed', error, retryable: false },
  { as: 'crashed', error: lost, evidence: 'shared' },
  { as: 'crashed', error: lost, evidence: 'none' },
  { as: 'interrupted', error: { type: FAILURE.workerStopped, message: 'deploy' } },
  { as: 'cancelled', error: { type: 'Cancelled', message: 'cancelled' } },
  { as: 'discarded', error },
);
const anItem = fc.integer({ min: -1, max: ITEMS - 1 });
const aSignal = fc
  .tuple(
    fc.constantFrom<[string, unknown?]>(
      ['pause'],
      ['resume'],
      ['runNow'],
      ['discard'],
      ['retry'],
      ['reschedule', '2035-01-01T00:00:00Z'],
      ['reschedule', '2020-01-01T00:00:00Z'],
      ['edit', { args: { name: 'edited' } }],
    ),
    anItem,
  )
  .map(([[name, input], item]): Event => ({ type: 'signal', name, input, item }));
const anEvent = fc.oneof(
  { weight: 4, arbitrary: aSignal },
  { weight: 1, arbitrary: anItem.map((item): Event => ({ type: 'cancel', item })) },
  { weight: 4, arbitrary: anEnd.map((how): Event => ({ type: 'end', how })) },
);
const someProgress = fc
  .tuple(fc.subarray([0, 1, 2], { minLength: 1 }), fc.oneof(anEnd, fc.constant('given back' as const)))
  .map(([items, how]): Event => ({ type: 'news', items, how }));
/** Between two workflow tasks each. */
const aLife = fc.array(fc.array(anEvent, { minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 4 });
const aGroupsLife = fc.array(
  fc.array(fc.oneof({ weight: 1, arbitrary: anEvent }, { weight: 1, arbitrary: someProgress }), {
    minLength: 1,
    maxLength: 5,
  }),
  { minLength: 2, maxLength: 4 },
);

async function withWorkflowWorker<T>(body: () => Promise<T>): Promise<T> {
  return whileWorkflowsRun(connection, body);
}

/** An attempt, or a chunk of a group, that a worker has. */
interface InHand {
  readonly token: Uint8Array;
  readonly activityId: string;
  readonly items: readonly number[];
}

/** Takes what waits in the queue. */
async function take(workflowId: string, queue: string): Promise<InHand | undefined> {
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  // `PENDING_ACTIVITY_STATE_SCHEDULED`
  if (!(raw.pendingActivities ?? []).some(({ state }) => state === 1)) return undefined;
  const poll = { namespace: 'default', taskQueue: { name: queue }, identity: 'the-test' };
  const task = await client.withDeadline(Date.now() + 5_000, async () =>
    client.workflowService.pollActivityTaskQueue(poll),
  );
  if (!task.taskToken?.length) return undefined;
  const input = JSON.parse(Buffer.from(task.input?.payloads?.[0]?.data ?? []).toString()) as Partial<ChunkInput>;
  return { token: task.taskToken, activityId: task.activityId, items: input.items?.map(({ item }) => item) ?? [] };
}

function reportOf(how: UnsuccessfulEnd | 'done'): object {
  const startedAt = Date.now();
  return { startedAt, endedAt: startedAt, worker: 'the-test', ...(how === 'done' && { result: 'ok' }) };
}

/** Ends what is in hand, as a worker does; nothing happens where the workflow waits no longer for it. */
async function end({ token, items }: InHand, how: UnsuccessfulEnd | 'done', isChunk: boolean): Promise<void> {
  const converter = client.options.loadedDataConverter;
  const result = isChunk ? chunkReport({ ended: items.map((item) => endOf(item, how)) }) : reportOf(how);
  const base = { namespace: 'default', taskToken: token };
  const service = client.workflowService;
  const told =
    how === 'done' || (isChunk && how.as !== 'crashed')
      ? service.respondActivityTaskCompleted({
          ...base,
          result: { payloads: (await encodeToPayloads(converter, result)) ?? [] },
        })
      : service.respondActivityTaskFailed({ ...base, failure: await encodeErrorToFailure(converter, failureOf(how)) });
  await told.catch(() => undefined);
}

function endOf(item: number, how: UnsuccessfulEnd | 'done'): ItemEnd {
  const report = reportOf(how) as never;
  return how === 'done' ? { item, as: 'done', report } : { item, ...how, report };
}

function chunkReport(report: Partial<ChunkReport>): ChunkReport {
  return { startedAt: Date.now(), worker: 'the-test', done: [], ended: [], begun: [], returned: [], ...report };
}

async function signal(workflowId: string, name: string, ...args: unknown[]): Promise<void> {
  await client.workflow
    .getHandle(workflowId)
    .signal(name, ...args)
    .catch(() => undefined);
}

/** Without what only a description tells. */
function asWorkflowsSee(view: JobView | undefined): unknown {
  if (!view) return undefined;
  return { ...view, state: view.state === 'running' ? 'queued' : view.state };
}

const deps = () => ({ client, taskQueue: DEFAULT_TASK_QUEUE, workers: { presence: async () => 'present' as const } });

async function ownView(id: string): Promise<JobView | undefined> {
  return client.workflow
    .getHandle(id)
    .query(jobQuery)
    .catch(() => undefined);
}

async function webView(id: string): Promise<JobView | undefined> {
  return readJob(deps(), id).then(
    ({ job }) => job,
    () => undefined,
  );
}

/** Until both say the same: what is due goes on meanwhile. */
async function agree(ours: () => Promise<unknown>, web: () => Promise<unknown>): Promise<void> {
  let last: unknown[] = [];
  const same = async (): Promise<boolean> => {
    last = [plain(await ours()), plain(await web())];
    return isDeepStrictEqual(last[0], last[1]);
  };
  await until('both say the same', same, 5_000).catch(() => expect(last[1]).toEqual(last[0]));
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value) ?? 'null');
}

async function expectToHold(
  lives: fc.Arbitrary<Event[][]>,
  live: (rounds: readonly (readonly Event[])[]) => Promise<void>,
): Promise<void> {
  await fc.assert(fc.asyncProperty(lives, live), { seed: SEED, numRuns: RUNS, endOnFailure: true });
}

test('of a job with a workflow of its own', async () => {
  const live = async (rounds: readonly (readonly Event[])[]): Promise<void> => {
    const [id, queue] = [`any-${randomUUID()}`, `any-${randomUUID()}`];
    const args = [{ args: { name: 'x' }, queue, retryDelaysMs: [0, 3_600_000], maxAttempts: 3 }];
    await client.workflow.start('NameWorkflow', { workflowId: id, taskQueue: DEFAULT_TASK_QUEUE, args });
    const settle = async (): Promise<void> =>
      withWorkflowWorker(async () =>
        agree(
          async () => asWorkflowsSee(await ownView(id)),
          async () => asWorkflowsSee(await webView(id)),
        ),
      );
    await settle();
    let inHand: InHand | undefined;
    for (const round of rounds) {
      inHand = (await take(id, queue)) ?? inHand;
      for (const event of round) {
        if (event.type === 'signal') await signal(id, event.name, ...(event.input === undefined ? [] : [event.input]));
        else if (event.type === 'cancel')
          await client.workflow
            .getHandle(id)
            .cancel()
            .catch(() => undefined);
        else if (event.type === 'end' && inHand) {
          await end(inHand, event.how, false);
          inHand = undefined;
        }
      }
      await settle();
    }
    await client.workflow
      .getHandle(id)
      .terminate()
      .catch(() => undefined);
  };
  await expectToHold(aLife, live);
}, 600_000);

/** By what the workflow still has: an item of the group, a job of its own, or nothing, since it has ended. */
async function viewsInWorkflows(id: string): Promise<unknown> {
  const handle = client.workflow.getHandle(id);
  // By itself: several queries at once that come first in a new worker take two seconds.
  const { counts } = await handle.query(groupQuery);
  const views = await Promise.all(
    Array.from({ length: ITEMS }, async (_, item) =>
      handle
        .query(jobQuery, item)
        .catch(async () => ownView(itemId(id, item)))
        .then(asWorkflowsSee),
    ),
  );
  return { views, counts };
}

async function viewsInWeb(id: string): Promise<unknown> {
  const { jobs } = await readGroup(deps(), id);
  const own = await Promise.all(jobs.map(async (job) => ownView(job.id)));
  const counts: Record<string, number> = {};
  const inGroup = await Promise.all(
    jobs.map(async (_job, item) => {
      const handle = client.workflow.getHandle(id);
      return handle.query(jobQuery, item).then(
        () => true,
        () => false,
      );
    }),
  );
  for (const [item, job] of jobs.entries()) {
    const as = own[item] ? 'left' : (asWorkflowsSee(job) as JobView).state;
    counts[as] = (counts[as] ?? 0) + 1;
  }
  const views = jobs.map((job, item) => (inGroup[item] || own[item] ? asWorkflowsSee(job) : undefined));
  return { views, counts };
}

test('of the jobs of a group', async () => {
  const live = async (rounds: readonly (readonly Event[])[]): Promise<void> => {
    const [id, queue] = [`group-${randomUUID()}`, `any-${randomUUID()}`];
    const item = { kind: 'NameWorkflow', args: { name: 'x' }, retryDelaysMs: [3_600_000] };
    const args = [{ queue, items: Array.from({ length: ITEMS }, () => item) }];
    await client.workflow.start(GROUP_WORKFLOW, { workflowId: id, taskQueue: DEFAULT_TASK_QUEUE, args });
    const settle = async (): Promise<void> =>
      withWorkflowWorker(async () =>
        agree(
          async () => viewsInWorkflows(id),
          async () => viewsInWeb(id),
        ),
      );
    await settle();
    let inHand: InHand | undefined;
    for (const round of rounds) {
      inHand = (await take(id, queue)) ?? inHand;
      for (const event of round) {
        if (event.type === 'signal') await signal(id, event.name, event.item < 0 ? null : event.item, event.input);
        else if (event.type === 'cancel' && event.item < 0)
          await client.workflow
            .getHandle(id)
            .cancel()
            .catch(() => undefined);
        else if (event.type === 'cancel') await signal(id, 'cancel', event.item);
        else if (event.type === 'news' && inHand) {
          const { how, items } = event;
          const said = how === 'given back' ? { returned: items } : { ended: items.map((each) => endOf(each, how)) };
          await signal(id, chunkProgress.name, { chunk: inHand.activityId, report: chunkReport(said) });
        } else if (event.type === 'end' && inHand) await end(inHand, event.how, true);
      }
      await settle();
    }
    await client.workflow
      .getHandle(id)
      .terminate()
      .catch(() => undefined);
  };
  await expectToHold(aGroupsLife, live);
}, 600_000);
