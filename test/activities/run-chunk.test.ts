/** The activity round a chunk: its heartbeats, and the line to its own group. */
import type { Client } from '@temporalio/client';
import { defaultDataConverter, defaultPayloadConverter } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ActivityInHand } from '../../src/activities/dependencies.ts';
import { runChunk } from '../../src/activities/run-chunk.ts';
import { Slots } from '../../src/activities/slots.ts';
import type { ChunkInput, ChunkReport } from '../../src/job/group/chunks.ts';
import { chunkProgress, chunkCancellations } from '../../src/contract/messages.ts';
import { inProcessRunners } from '../support/in-process-runners.ts';
import { attemptInput, workOf } from '../support/kinds.ts';
import { fails, held, ok, pass, saidOf, takes, useFakeClock, type Work } from '../support/chunk-in-hand.ts';

beforeEach(useFakeClock);
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

type Say = (...message: readonly unknown[]) => Promise<unknown>;

function setup(jobs: Readonly<Record<string, Work>>, slots?: Slots) {
  const signal = vi.fn<Say>(async () => undefined);
  const query = vi.fn<Say>(async () => ({ abort: [0] }));
  const getHandle = vi.fn<(...ids: readonly string[]) => object>(() => ({ query }));
  const call = async (_bound: unknown, rpc: () => Promise<unknown>): Promise<unknown> => rpc();
  const client = {
    workflow: { getHandle },
    workflowService: { signalWorkflowExecution: signal },
    options: { namespace: 'default', loadedDataConverter: defaultDataConverter },
    withDeadline: call,
    withAbortSignal: call,
  } as unknown as Client;
  const logger = new DefaultLogger('ERROR');
  const workflowExecution = { workflowId: 'group-1', runId: 'run-1' };
  const env = new MockActivityEnvironment({ activityId: 'chunk-1', workflowExecution }, { client, logger });
  const heartbeats: ChunkReport[] = [];
  env.on('heartbeat', (report: ChunkReport) => heartbeats.push(report));
  const inHand = new Set<ActivityInHand>();
  const note = (activity: ActivityInHand): Disposable => {
    inHand.add(activity);
    return { [Symbol.dispose]: () => inHand.delete(activity) };
  };
  const work = workOf(async ({ name }, attempt) => (jobs[name] ?? expect.fail(`nobody asked for ${name}`))(attempt));
  const runners = inProcessRunners(work, 'worker-1', pino({ level: 'silent' }));
  const activity = runChunk({ runners, worker: 'worker-1', note, ...(slots && { slots: () => slots }) });
  const items = Object.keys(jobs).map((name, item) => ({ item, args: { name } }));
  const input: ChunkInput = {
    groupId: 'group-1',
    queue: 'default',
    kind: 'NameWorkflow',
    dueAt: 0,
    timeoutMs: attemptInput().timeoutMs,
    items,
  };
  const run = async (): Promise<ChunkReport> => env.run(activity, input);
  return { run, env, heartbeats, inHand, getHandle, signal, query };
}

test('it has no more to say than its result when its jobs are quick', async () => {
  const { run, heartbeats, signal } = setup({ a: ok, b: takes(99) });
  const running = run();
  await pass(99);
  expect(saidOf([await running])).toEqual({ 0: ['done'], 1: ['done'] });
  await pass(5_000);
  expect(heartbeats).toEqual([]);
  expect(signal).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});

test('it heartbeats after 100 ms and every second, with how things stand, and no more once it is over', async () => {
  const { run, heartbeats } = setup({ slow: takes(3_500), fails });
  const running = run();
  await pass(3_500);
  await running;
  expect(heartbeats).toHaveLength(4);
  expect(heartbeats[0]).toMatchObject({ begun: [{ item: 0 }], ended: [{ item: 1, as: 'failed' }] });
  await pass(5_000);
  expect(heartbeats).toHaveLength(4);
  expect(vi.getTimerCount()).toBe(0);
});

test('it runs everything at the same time where nobody has set a limit, and no more than the limit where somebody has', async () => {
  const jobs = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`job-${n}`, takes(150)]));
  const unlimited = setup(jobs).run();
  const limited = setup(jobs, new Slots(7)).run();
  await pass(150);
  expect((await unlimited).done).toHaveLength(30);
  const { done, returned } = await limited;
  expect([done.length, returned.length]).toEqual([7, 23]);
});

test('it is noted as in hand until its end', async () => {
  const { run, env, inHand } = setup({ slow: takes(500), a: fails });
  const running = run();
  await pass(1);
  expect([...inHand]).toMatchObject([{ taskToken: env.context.info.base64TaskToken, activityId: 'chunk-1' }]);
  await pass(499);
  await running;
  expect(inHand.size).toBe(0);
});

test('it tells and asks the very run of the group that handed it out', async () => {
  const slow = held();
  const { run, env, getHandle, signal, query } = setup({ slow: slow.work, fails });
  const running = run();
  await pass(100);
  expect(getHandle).toHaveBeenCalledExactlyOnceWith('group-1', 'run-1');
  const workflowExecution = { workflowId: 'group-1', runId: 'run-1' };
  const sent = { workflowExecution, signalName: chunkProgress.name, requestId: expect.any(String) };
  expect(signal).toHaveBeenCalledExactlyOnceWith(expect.objectContaining(sent));
  const request = signal.mock.calls[0]?.[0] as temporal.api.workflowservice.v1.ISignalWorkflowExecutionRequest;
  expect(defaultPayloadConverter.fromPayload(request.input?.payloads?.[0] ?? {})).toMatchObject({
    chunk: 'chunk-1',
    report: { ended: [{ item: 1 }] },
  });
  env.cancel();
  await pass(0);
  expect(query).toHaveBeenCalledExactlyOnceWith(chunkCancellations, 'chunk-1');
  expect(saidOf([await running])).toEqual({ 0: ['cancelled'] });
});

test('what the group could not be told comes with the result', async () => {
  const { run, signal } = setup({ slow: takes(300), fails });
  signal.mockRejectedValue(new Error('Temporal does not answer'));
  const running = run();
  await pass(300);
  expect(signal).toHaveBeenCalled();
  expect(saidOf([await running])).toEqual({ 0: ['done'], 1: ['failed'] });
});

test('it goes on when the group does not say what it wants', async () => {
  const { run, env, query } = setup({ slow: takes(300) });
  query.mockRejectedValue(new Error('Temporal does not answer'));
  const running = run();
  await pass(10);
  env.cancel();
  await pass(290);
  expect(saidOf([await running])).toEqual({ 0: ['done'] });
});
