/** Following a job: what is new is folded, and nothing twice. Real servers show the same in `jobs.server.test.ts` and `groups.server.test.ts`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { GROUP_WORKFLOW, itemId } from '../../src/job/group/groups.ts';
import { recordFromInput } from '../../src/job/job-record.ts';
import { JobNotFoundError, TemporalUnreachableError } from '../../src/temporal/errors.ts';
import type { JobSnapshot } from '../../src/temporal/jobs.ts';
import { watchJob } from '../../src/temporal/history/watch-job.ts';
import { GrowingHistories, idOf, payloadsOf, START, type HistoryEvent } from '../support/growing-histories.ts';

const GROUP = 'group-00000000-0000-4000-8000-000000000000';
const KIND = 'NameWorkflow';
/** A look a second, and some time to spare. */
const A_LOOK_MS = 1_200;

interface Watched {
  /** The next change. */
  next(): Promise<JobSnapshot>;
  /** Rejects with what the watch ended with, if anything. */
  ended(): Promise<boolean>;
}

function watch(histories: GrowingHistories, jobId: string): Watched {
  const left = new AbortController();
  const snapshots = watchJob(histories.deps, jobId, left.signal);
  onTestFinished(() => left.abort());
  return {
    async next() {
      const { value, done } = await snapshots.next();
      return done === true || !value ? expect.fail('the watch has ended') : value;
    },
    ended: async () => (await snapshots.next()).done === true,
  };
}

const queued = (input: object = {}, activityId = '1'): HistoryEvent => ({
  activityTaskScheduledEventAttributes: { activityId, input: payloadsOf(input) },
});
const pause = (item?: number): HistoryEvent => ({
  workflowExecutionSignaledEventAttributes: { signalName: 'pause', input: payloadsOf({ actor: 'ann' }, item ?? null) },
});
const chunk = (...items: number[]): HistoryEvent => queued({ items: items.map((item) => ({ item })) }, 'chunk-1');
const done = (scheduledIn: number, report: object): HistoryEvent => ({
  activityTaskCompletedEventAttributes: { scheduledEventId: idOf(scheduledIn), result: payloadsOf(report) },
});
const CONTINUED: HistoryEvent = { workflowExecutionContinuedAsNewEventAttributes: { newExecutionRunId: '1' } };
const report = { startedAt: START, endedAt: START + 1, worker: 'worker-1', result: 'Hello' };

/** A group of so many jobs, which are all due in an hour. */
function group(histories: GrowingHistories, jobs: number): void {
  const items = Array.from({ length: jobs }, () => ({ kind: KIND, args: { name: 'foo' }, delayMs: 3_600_000 }));
  histories.begin(GROUP, GROUP_WORKFLOW, { queue: 'mailers', items });
}

function expectEachDecodedOnce({ decoded }: GrowingHistories, payloads: number): void {
  expect([...decoded.values()]).toEqual(Array.from({ length: payloads }, () => 1));
}

test('a job of its own is told of as it changes, to its end, and each event is decoded once', async () => {
  const histories = new GrowingHistories();
  histories.begin('a-job', KIND, { args: { name: 'foo' }, delayMs: 3_600_000 });
  const watched = watch(histories, 'a-job');
  expect(await watched.next()).toMatchObject({ job: { state: 'scheduled' }, workflowId: 'a-job', stale: false });
  const paused = watched.next();
  await sleep(A_LOOK_MS);
  histories.add('a-job', pause());
  expect(await paused).toMatchObject({ job: { state: 'scheduled' }, pendingActions: [{ action: 'pause' }] });
  histories.task('a-job');
  expect(await watched.next()).toMatchObject({ job: { state: 'paused' }, pendingActions: [] });
  histories.task('a-job', queued());
  expect((await watched.next()).job.state).toBe('queued');
  histories.add('a-job', done(7, report));
  expect((await watched.next()).job).toMatchObject({ state: 'done', result: 'Hello' });
  expect(await watched.ended()).toBe(true);
  // Its input, the signal's message and item, and the result; nobody reads an attempt's input.
  expectEachDecodedOnce(histories, 4);
});

test('a long history is read whole before anything is told of it', async () => {
  const histories = new GrowingHistories();
  histories.pageSize = 2;
  histories.begin('a-job', KIND, { args: { name: 'foo' }, delayMs: 3_600_000 });
  for (let tasks = 0; tasks < 20; tasks += 1) histories.task('a-job');
  histories.add('a-job', pause());
  histories.task('a-job');
  expect((await watch(histories, 'a-job').next()).job.state).toBe('paused');
  expect(histories.pages).toBe(22);
});

test('a job of a group is told of its own news', async () => {
  const histories = new GrowingHistories();
  group(histories, 500);
  const watched = watch(histories, itemId(GROUP, 7));
  expect(await watched.next()).toMatchObject({ job: { state: 'scheduled' }, workflowId: GROUP, item: 7 });
  histories.add(GROUP, pause(8), pause(-1));
  histories.task(GROUP);
  const mine = watched.next();
  await sleep(A_LOOK_MS);
  histories.add(GROUP, pause(7));
  expect(await mine).toMatchObject({ job: { state: 'scheduled' }, pendingActions: [{ action: 'pause' }] });
  // In its ninth event.
  histories.task(GROUP, chunk(7, 8));
  expect((await watched.next()).job.state).toBe('queued');
  histories.add(GROUP, done(9, { startedAt: START, worker: 'worker-1', done: [[7, 0, 1, 'Hello']] }));
  expect((await watched.next()).job).toMatchObject({ state: 'done', result: 'Hello' });
  expect(await watched.ended()).toBe(true);
  expectEachDecodedOnce(histories, 9);
});

test('a job that leaves its group is followed to where it goes on', async () => {
  const histories = new GrowingHistories();
  group(histories, 2);
  const id = itemId(GROUP, 1);
  const watched = watch(histories, id);
  expect(await watched.next()).toMatchObject({ workflowId: GROUP, item: 1 });
  const record = recordFromInput(id, KIND, START, { args: { name: 'foo' }, delayMs: 3_600_000 });
  histories.begin(id, KIND, { args: { name: 'foo' }, record: { ...record, paused: true } });
  histories.task(GROUP, { startChildWorkflowExecutionInitiatedEventAttributes: { workflowId: id } });
  expect(await watched.next()).toMatchObject({ job: { state: 'paused' }, workflowId: id, item: undefined });
  histories.add(id, { workflowExecutionTerminatedEventAttributes: { reason: 'not wanted' } });
  expect((await watched.next()).job).toMatchObject({ state: 'cancelled', error: { message: 'not wanted' } });
  expect(await watched.ended()).toBe(true);
});

test('a job whose group is gone is found where it goes on', async () => {
  const histories = new GrowingHistories();
  const id = itemId(GROUP, 1);
  histories.begin(id, KIND, { args: { name: 'foo' }, delayMs: 3_600_000 });
  expect(await watch(histories, id).next()).toMatchObject({ job: { state: 'scheduled' }, workflowId: id });
});

test('a run that continues as new is followed into the next one', async () => {
  const histories = new GrowingHistories();
  const input = { args: { name: 'foo' }, delayMs: 3_600_000 };
  histories.begin('a-job', KIND, input);
  const watched = watch(histories, 'a-job');
  expect(await watched.next()).toMatchObject({ runId: '0', job: { state: 'scheduled' } });
  const record = recordFromInput('a-job', KIND, START, input);
  histories.task('a-job', CONTINUED);
  histories.begin('a-job', KIND, { ...input, record });
  expect(await watched.next()).toMatchObject({ runId: '1', job: { state: 'scheduled' } });
  histories.add('a-job', pause());
  histories.task('a-job');
  const paused = await watched.next();
  expect(paused.job.state === 'paused' ? paused : await watched.next()).toMatchObject({ job: { state: 'paused' } });
  expectEachDecodedOnce(histories, 4);
});

test('a Temporal that goes away makes the job stale, and what happened meanwhile is told when it is back', async () => {
  const histories = new GrowingHistories();
  histories.begin('a-job', KIND, { args: { name: 'foo' }, delayMs: 3_600_000 });
  const watched = watch(histories, 'a-job');
  expect((await watched.next()).stale).toBe(false);
  const stale = watched.next();
  histories.goAway();
  expect(await stale).toMatchObject({ stale: true, job: { state: 'scheduled' } });
  histories.comeBack();
  histories.add('a-job', pause());
  histories.task('a-job');
  expect(await watched.next()).toMatchObject({ stale: false, job: { state: 'paused' } });
  expectEachDecodedOnce(histories, 3);
});

test('half a history is never told of, though Temporal goes away in the middle of it', async () => {
  const histories = new GrowingHistories();
  histories.pageSize = 2;
  const input = { args: { name: 'foo' }, delayMs: 3_600_000 };
  histories.begin('a-job', KIND, input);
  const watched = watch(histories, 'a-job');
  expect((await watched.next()).job.state).toBe('scheduled');
  const newest = [watched.next(), watched.next(), watched.next()];
  histories.task('a-job', CONTINUED);
  histories.begin('a-job', KIND, { ...input, record: recordFromInput('a-job', KIND, START, input) });
  for (let tasks = 0; tasks < 4; tasks += 1) histories.task('a-job');
  histories.add('a-job', pause());
  histories.task('a-job');
  // The rest of the first run, and two pages of the next.
  histories.goAway(4);
  expect(await newest[0]).toMatchObject({ stale: false, job: { state: 'scheduled' } });
  expect(await newest[1]).toMatchObject({ stale: true, job: { state: 'scheduled' } });
  histories.comeBack();
  expect(await newest[2]).toMatchObject({ stale: false, job: { state: 'paused' } });
});

test('a job that nobody knows, and a Temporal that is away, are told of at once', async () => {
  const histories = new GrowingHistories();
  await expect(watch(histories, 'nobody').next()).rejects.toThrow(JobNotFoundError);
  await expect(watch(histories, itemId(GROUP, 1)).next()).rejects.toThrow(JobNotFoundError);
  group(histories, 1);
  await expect(watch(histories, itemId(GROUP, 1)).next()).rejects.toThrow(JobNotFoundError);
  histories.goAway();
  await expect(watch(histories, 'a-job').next()).rejects.toThrow(TemporalUnreachableError);
});
