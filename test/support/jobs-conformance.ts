/** What the web relies on of `Jobs`: the real one and the one that stands for it in tests behave the same. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BUDGETS } from '../../src/contract/budgets.ts';
import { LIMITS } from '../../src/contract/limits.ts';
import { ACTION_NAMES, endsJob, type ActionName } from '../../src/job/actions.ts';
import { GROUP_WORKFLOW, itemAddress } from '../../src/job/group/groups.ts';
import type { JobRequest } from '../../src/job/job-request.ts';
import { JOB_STATES, type JobState } from '../../src/job/job-states.ts';
import type { JobView } from '../../src/job/job.ts';
import { InvalidActionError, JobNotFoundError, JobTooLargeError, KeyReusedError } from '../../src/temporal/errors.ts';
import type { GroupActionRequest, Jobs, JobListItem, JobSnapshot, WorkerPresence } from '../../src/temporal/jobs.ts';
import {
  asked,
  EARLIER,
  HOUR_MS,
  INTO,
  LATER,
  QUEUE,
  requestOf,
  time,
  UNSERVED,
  type Asked,
} from './conforming-jobs.ts';
import { until } from './until.ts';

export interface ConformingWorld extends AsyncDisposable {
  readonly jobs: Jobs;
  /** Begins when the workers of workflows and of `QUEUE` are present; until it is first called, there are none. */
  whileServed<T>(body: () => Promise<T>): Promise<T>;
}

const WITHIN_MS = 10_000;
const WAYS = ['alone', 'in a group'] as const;
type Way = (typeof WAYS)[number];

export function describeJobs(name: string, open: () => Promise<ConformingWorld>): void {
  describe(`Jobs, ${name}`, () => {
    let world: ConformingWorld;
    let jobs: Jobs;
    beforeAll(async () => {
      world = await open();
      jobs = world.jobs;
    });
    afterAll(async () => world[Symbol.asyncDispose]());

    const startAll = async (requests: readonly JobRequest[]): Promise<JobView[]> =>
      (await jobs.startAll(requests.map((request) => ({ request })))).map((outcome) => {
        if (outcome.status === 'rejected') throw outcome.reason;
        return outcome.value.job;
      });
    const start = async (way: Way, request: JobRequest): Promise<JobView> => {
      if (way === 'alone') return (await jobs.start(request, { idempotencyKey: randomUUID() })).job;
      const [job] = await startAll([request, asked({ dueAt: LATER, queue: request.queue })]);
      return job as JobView;
    };
    const startGroup = async (...requests: readonly Asked[]): Promise<{ id: string; ids: readonly string[] }> => {
      const ids = (await startAll(requests.map(asked))).map(({ id }) => id);
      return { id: itemAddress(ids[0] ?? '')?.groupId ?? 'none', ids };
    };
    const becomes = async (id: string, what: string, is: (job: JobView) => boolean): Promise<JobSnapshot> => {
      await until(`${id} is ${what}`, async () => is((await jobs.read(id)).job), WITHIN_MS);
      return jobs.read(id);
    };
    const reaches = async (id: string, state: JobState): Promise<JobSnapshot> =>
      becomes(id, state, (job) => job.state === state);
    /** Until they are cancelled. */
    const running = new Set<string>();
    const intoState = async (way: Way, state: JobState): Promise<JobSnapshot> => {
      const { start: request, act } = INTO[state];
      const { id } = await start(way, asked(request));
      if (state === 'running') running.add(id);
      if (act) await jobs.act(id, { type: act });
      return reaches(id, state);
    };

    const listed = async (id: string): Promise<JobListItem | undefined> =>
      (await jobs.latest(1_000)).find((row) => row.id === id);
    const watched = async (id: string): Promise<JobSnapshot[]> =>
      Array.fromAsync(jobs.watch(id, AbortSignal.timeout(WITHIN_MS)));
    const testRefusals = (workers: WorkerPresence): void => {
      test('what is not there, or cannot be, is refused', async () => {
        expect(await jobs.health()).toMatchObject({ workers, takesJobs: true });
        const { id: groupId, ids } = await startGroup({ dueAt: LATER }, { dueAt: LATER });
        const [id = ''] = ids;
        for (const nobody of [randomUUID(), `${groupId}.2`, `group-${randomUUID()}.0`]) {
          for (const type of ACTION_NAMES)
            await expect(jobs.act(nobody, requestOf(type)), type).rejects.toThrow(JobNotFoundError);
          await expect(jobs.read(nobody)).rejects.toThrow(JobNotFoundError);
          await expect(watched(nobody)).rejects.toThrow(JobNotFoundError);
          await expect(jobs.readGroup(nobody)).rejects.toThrow(JobNotFoundError);
        }
        for (const type of ['pause', 'cancel'] as const)
          await expect(jobs.actOnGroup(`group-${randomUUID()}`, { type })).rejects.toThrow(JobNotFoundError);
        const tooFar = new Date(Date.now() + LIMITS.delayMs + HOUR_MS).toISOString();
        for (const dueAt of ['', 'tomorrow', '2032-02-30T00:00:00Z', tooFar]) {
          const move = { type: 'reschedule', dueAt } as const;
          await expect(jobs.act(id, move), dueAt).rejects.toThrow(InvalidActionError);
          await expect(jobs.actOnGroup(groupId, move), dueAt).rejects.toThrow(InvalidActionError);
        }
        const edit = { type: 'edit', changes: { queue: 'a b' } } as const;
        await expect(jobs.act(id, edit)).rejects.toThrow(InvalidActionError);
        expect(await jobs.read(id)).toMatchObject({ pendingActions: [], job: { dueAt: LATER, actionsTaken: [] } });
      });
    };

    describe('while nobody serves it', () => {
      test.each(WAYS)('a job that was started %s waits as it was asked for', async (way) => {
        const request = { args: { note: ['é', 1, null] }, dueAt: LATER, maxAttempts: 3 };
        const job = await start(way, asked(request));
        const options = { kind: 'Conforming', queue: QUEUE, maxAttempts: 3, actionsTaken: [] };
        expect(job).toMatchObject({ ...INTO.scheduled.shows, ...options, state: 'scheduled' });
        const actions: ActionName[] = ['runNow', 'reschedule', 'pause', 'edit', 'discard', 'cancel'];
        const { groupId = job.id, item } = itemAddress(job.id) ?? {};
        expect(await jobs.read(job.id)).toEqual({
          job: { ...job, createdAt: time },
          args: request.args,
          workflowId: groupId,
          runId: expect.any(String),
          item,
          actions,
          pendingActions: [],
          workers: 'none',
          queueWorkers: 'none',
          cannotGoOn: null,
          stale: false,
        });
        expect(item).toBe(way === 'alone' ? undefined : 0);
      });

      test('an idempotency key is the id of its job, which a repeat finds, and other contents are refused', async () => {
        const keys = { idempotencyKey: randomUUID(), requestKey: randomUUID() };
        const first = await jobs.start(asked({ delayMs: HOUR_MS }), keys);
        expect(first).toMatchObject({ created: true, job: { id: keys.idempotencyKey } });
        const repeat = asked({ args: { left: undefined } });
        expect(await jobs.start(repeat, keys)).toMatchObject({ created: false, job: { id: keys.idempotencyKey } });
        const { dueAt, createdAt } = (await jobs.read(keys.idempotencyKey)).job;
        expect(Math.abs(Date.parse(dueAt) - Date.parse(createdAt) - HOUR_MS)).toBeLessThan(1_000);
        for (const other of [asked({ args: { other: 1 } }), { ...asked(), kind: 'Other' }])
          await expect(jobs.start(other, keys)).rejects.toThrow(new KeyReusedError(keys.idempotencyKey));
        // The other key was not used.
        const { requestKey } = keys;
        expect(await jobs.start(asked({ dueAt: LATER }), { requestKey })).toMatchObject({ created: true });
      });

      test('a request key finds the first job, alone and in a group, and other contents are refused', async () => {
        const [one, two, alone] = [randomUUID(), randomUUID(), randomUUID()];
        const request = asked({ dueAt: LATER });
        expect((await jobs.start(request, { requestKey: alone })).job.id).toBe(alone);
        const together = [one, two, one].map((requestKey) => ({ request, keys: { requestKey } }));
        const started = await jobs.startAll(together);
        const [first] = started.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.job.id : ''));
        expect(itemAddress(first ?? '')).toMatchObject({ item: 0 });
        expect(started[2]).toMatchObject({ value: { created: false, job: { id: first } } });
        for (const { requestKey, id } of [
          { requestKey: one, id: first },
          { requestKey: alone, id: alone },
        ]) {
          expect(await jobs.start(request, { requestKey })).toMatchObject({ created: false, job: { id } });
          const other = jobs.start(asked({ args: { other: 1 } }), { requestKey });
          await expect(other).rejects.toThrow(new KeyReusedError(requestKey));
        }
        const repeat = { requestKey: randomUUID(), firstSentAt: Date.now() - 5_000 };
        const [lone] = await jobs.startAll([{ request, keys: repeat }]);
        expect(lone).toMatchObject({ value: { created: true, job: { id: repeat.requestKey } } });
      });

      test('many that start at once keep their order, share groups, and one that is refused takes no other along', async () => {
        const idempotencyKey = randomUUID();
        const later = { dueAt: LATER };
        const heavy = asked({ args: { text: 'x'.repeat(BUDGETS.arguments) } });
        await jobs.start(asked(later), { idempotencyKey });
        const outcomes = await jobs.startAll([
          { request: asked({ ...later, args: { n: 0 } }) },
          { request: asked({ args: { other: 1 } }), keys: { idempotencyKey } },
          { request: asked({ ...later, args: { n: 2 } }) },
          { request: heavy },
          { request: asked({ ...later, queue: UNSERVED }) },
          { request: asked({ ...later, args: { n: 5 } }), keys: { idempotencyKey: `${idempotencyKey}-5` } },
        ]);
        const ids = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.job.id : outcome.reason));
        expect([ids[1], ids[3]]).toEqual([expect.any(KeyReusedError), expect.any(JobTooLargeError)]);
        const group = itemAddress(ids[0])?.groupId;
        expect([ids[0], ids[2]]).toEqual([`${group}.0`, `${group}.1`]);
        for (const [place, n] of [0, undefined, 2, undefined, undefined, 5].entries())
          if (n !== undefined) expect((await jobs.read(ids[place])).args).toEqual({ n });
        // Nobody goes with it, so it is no group.
        expect(itemAddress(ids[4])).toBeUndefined();
        expect((await jobs.read(ids[4])).job).toMatchObject({ queue: UNSERVED, state: 'scheduled' });
      });

      testRefusals('none');

      test('a watch begins with the job as it is, tells of changes only, and ends when it is aborted', async () => {
        const { id } = await start('alone', asked({ dueAt: LATER }));
        const over = new AbortController();
        const watching = jobs.watch(id, over.signal)[Symbol.asyncIterator]();
        expect(await watching.next()).toEqual({ done: false, value: await jobs.read(id) });
        await jobs.act(id, { type: 'pause' });
        expect((await watching.next()).value.pendingActions).toMatchObject([{ action: 'pause' }]);
        const next = watching.next();
        over.abort();
        expect(await next).toEqual({ done: true, value: undefined });
        const late = jobs.watch(id, over.signal)[Symbol.asyncIterator]();
        expect((await late.next()).done).toBe(true);
      });

      test('the latest jobs and groups are rows, newest first', async () => {
        const one = await start('alone', asked({ dueAt: LATER }));
        await new Promise((resolve) => setTimeout(resolve, 5));
        const group = await startGroup({ dueAt: LATER }, { dueAt: EARLIER, args: { does: 'answer' } });
        await new Promise((resolve) => setTimeout(resolve, 5));
        const two = await start('alone', asked());
        const row = { queue: QUEUE, createdAt: time, endedAt: null, cannotGoOn: false };
        const rows = [
          { ...row, id: two.id, kind: 'Conforming', state: 'queued', dueAt: time, group: null },
          { ...row, id: group.id, kind: GROUP_WORKFLOW, state: 'scheduled', dueAt: EARLIER, group: { jobs: 2 } },
          { ...row, id: one.id, kind: 'Conforming', state: 'scheduled', dueAt: LATER, group: null },
        ];
        await expect.poll(() => jobs.latest(3), { timeout: WITHIN_MS }).toEqual(rows);
      });

      test('actions are kept until a worker is back, and then made', async () => {
        const alone = (await start('alone', asked({ dueAt: LATER }))).id;
        const { id: groupId, ids } = await startGroup({ dueAt: LATER }, { dueAt: LATER });
        const [inGroup = '', other = ''] = ids;
        const dueAt = '2032-01-01T02:00:00+02:00';
        const move = { action: 'reschedule', askedAt: time, dueAt: EARLIER };
        for (const id of [alone, inGroup]) {
          const illegal = { name: 'IllegalActionError', jobId: id, state: 'scheduled' };
          await expect(jobs.act(id, { type: 'retry' })).rejects.toMatchObject(illegal);
          const moved = await jobs.act(id, { type: 'reschedule', dueAt, actor: 'ada' });
          expect(moved).toMatchObject({ applied: 'whenAWorkerIsBack', job: { state: 'scheduled', dueAt: LATER } });
          await jobs.act(id, { type: 'pause' });
          const { job, pendingActions } = await jobs.read(id);
          expect(pendingActions).toEqual([move, { action: 'pause', askedAt: time }]);
          expect(job).toMatchObject({ state: 'scheduled', dueAt: LATER, actionsTaken: [] });
        }
        const asItWas = { counts: { scheduled: 2 }, endedAt: null, workers: 'none', queueWorkers: 'none' };
        const asking = { type: 'reschedule', dueAt, actor: 'bob' } as const;
        expect(await jobs.actOnGroup(groupId, asking)).toMatchObject(asItWas);
        expect((await jobs.read(other)).pendingActions).toEqual([move]);
        await world.whileServed(async () => {
          for (const id of [alone, inGroup]) expect(await reaches(id, 'paused')).toMatchObject({ pendingActions: [] });
          const { job } = await becomes(other, 'moved', (read) => read.dueAt === EARLIER);
          expect(job.actionsTaken).toMatchObject([{ action: 'reschedule', by: 'bob' }]);
          const { actionsTaken, dueAt: movedTo } = (await jobs.read(alone)).job;
          expect({ movedTo, by: actionsTaken.map(({ by }) => by) }).toEqual({ movedTo: EARLIER, by: ['ada', null] });
        });
      });
    });

    describe('while workers serve it', () => {
      const over = Promise.withResolvers<void>();
      let serving: Promise<void>;
      beforeAll(async () => {
        const begun = Promise.withResolvers<void>();
        serving = world.whileServed(async () => {
          begun.resolve();
          await over.promise;
        });
        await Promise.race([begun.promise, serving]);
      });
      afterAll(async () => {
        const end = async (id: string): Promise<void> => {
          await jobs.act(id, { type: 'cancel' }).catch(() => undefined);
          await becomes(id, 'over', ({ endedAt }) => endedAt !== null);
        };
        await Promise.all([...running].map(end));
        over.resolve();
        await serving;
      });

      const everyState = Object.keys(JOB_STATES) as JobState[];
      describe.each(WAYS)('of a job that came %s', (way) => {
        test.each(everyState)('%s offers and takes what its state allows, and nothing else', async (state) => {
          const { job, actions, workers } = await intoState(way, state);
          const legal = ACTION_NAMES.filter((action) => action in JOB_STATES[state].actions);
          // It is not paused.
          const offered = state === 'running' ? legal.filter((action) => action !== 'resume') : legal;
          expect({ actions, workers, job }).toMatchObject({
            actions: offered,
            workers: 'present',
            job: INTO[state].shows,
          });
          for (const type of ACTION_NAMES.filter((action) => !offered.includes(action))) {
            const refused = { name: 'IllegalActionError', jobId: job.id, state };
            await expect(jobs.act(job.id, requestOf(type)), type).rejects.toMatchObject(refused);
          }
          expect((await jobs.read(job.id)).job).toMatchObject({ state, actionsTaken: job.actionsTaken });
          await Promise.all(offered.map(async (type) => takes(way, state, type)));
          const { item } = await jobs.read(job.id);
          // An attempt that runs may as well wait, as far as lists know.
          const row = { state: state === 'running' ? 'queued' : state, endedAt: job.endedAt && time };
          const expected = item === undefined ? expect.objectContaining(row) : undefined;
          await expect.poll(() => listed(job.id), { timeout: WITHIN_MS }).toEqual(expected);
        });
      });

      const takes = async (way: Way, state: JobState, type: ActionName): Promise<void> => {
        const { job: before } = await intoState(way, state);
        const { id } = before;
        const { job, applied } = await jobs.act(id, requestOf(type));
        const isOver = job.endedAt !== null;
        // What runs is asked to stop, and stops in its own time.
        expect(applied, type).toBe(type !== 'cancel' || isOver ? 'now' : 'whenAWorkerIsBack');
        const target = JOB_STATES[state].actions[type] ?? state;
        if (endsJob(type)) expect((await reaches(id, target)).actions).toEqual([]);
        else if (target === 'queued' && type !== 'edit') {
          expect(Date.parse(job.dueAt)).toBeLessThan(Date.now() + 1_000);
          await becomes(id, 'attempted', ({ attempts }) => attempts.length > before.attempts.length);
        } else expect((await reaches(id, target)).job).toMatchObject({ endedAt: null });
        if (type === 'reschedule') expect(job.dueAt).toBe(EARLIER);
        if (type === 'edit') expect(job.maxAttempts).toBe(7);
        expect((await jobs.read(id)).job.actionsTaken.at(-1)).toMatchObject({ action: type, by: 'ada' });
      };

      test.each(WAYS)('a job %s that runs is paused, and then resumed rather than paused', async (way) => {
        const { id } = (await intoState(way, 'running')).job;
        expect(await jobs.act(id, { type: 'pause' })).toMatchObject({ applied: 'now', job: { state: 'running' } });
        expect((await jobs.read(id)).actions).toEqual(['resume', 'cancel']);
        expect(await jobs.act(id, { type: 'resume' })).toMatchObject({ applied: 'now', job: { state: 'running' } });
        expect((await jobs.read(id)).actions).toEqual(['pause', 'cancel']);
      });

      test.each(WAYS)('a watch of a job %s goes with it to its end, and tells of nothing twice', async (way) => {
        const { id } = await start(way, asked({ delayMs: 500 }));
        const seen = await watched(id);
        expect([seen[0]?.job.state, seen.at(-1)?.job.state]).toEqual(['scheduled', 'done']);
        const texts = seen.map((snapshot) => JSON.stringify(snapshot));
        expect(texts.filter((text, place) => text === texts[place - 1])).toEqual([]);
        expect(await watched(id)).toMatchObject([{ job: { id, state: 'done' } }]);
      });

      test('all jobs of a group take an action, but for those that have left it', async () => {
        const later = { dueAt: LATER };
        const { id, ids } = await startGroup(later, later, later, { args: { does: 'fail' }, maxAttempts: 1 });
        await reaches(ids[3] ?? '', 'dead');
        await jobs.act(ids[2] ?? '', { type: 'edit', changes: { maxAttempts: 2 } });
        const group = await jobs.readGroup(id);
        const waiting = ['runNow', 'reschedule', 'pause', 'discard', 'cancel'];
        const counts = { scheduled: 3, dead: 1 };
        expect(group).toMatchObject({ id, queue: QUEUE, createdAt: time, endedAt: null, actions: waiting, counts });
        expect(group).toMatchObject({ cannotGoOn: null, workers: 'present', queueWorkers: 'present' });
        // By their due times.
        expect(group.jobs.map((job) => job.id)).toEqual(ids.toSorted());
        expect(await jobs.read(ids[2] ?? '')).toMatchObject({ workflowId: ids[2], item: undefined });
        const act = async (asking: GroupActionRequest): ReturnType<Jobs['actOnGroup']> =>
          jobs.actOnGroup(id, { actor: 'ada', ...asking });
        const moved = await act({ type: 'reschedule', dueAt: EARLIER });
        expect(moved.jobs.map(({ dueAt }) => dueAt)).toEqual([time, EARLIER, EARLIER, LATER]);
        const paused = await act({ type: 'pause' });
        const actions = ['runNow', 'reschedule', 'resume', 'discard', 'cancel'];
        expect(paused).toMatchObject({ counts: { paused: 2, scheduled: 1, dead: 1 }, actions });
        const taken = paused.jobs.map(({ actionsTaken }) => actionsTaken.map(({ action, by }) => `${action} ${by}`));
        const both = ['reschedule ada', 'pause ada'];
        expect(taken).toEqual([[], both, both, ['edit null']]);
        expect(await act({ type: 'resume' })).toMatchObject({ counts });
        await act({ type: 'runNow' });
        for (const job of ids.slice(0, 2)) await reaches(job, 'done');
        await until('the group has ended', async () => (await jobs.readGroup(id)).endedAt !== null, WITHIN_MS);
        const ended = await jobs.readGroup(id);
        expect(ended).toMatchObject({ counts: { done: 2, scheduled: 1, dead: 1 }, actions: [] });
        // Nothing is left that could take it.
        expect(await act({ type: 'pause' })).toEqual(ended);
        expect(await act({ type: 'cancel' })).toEqual(ended);
        const row = { state: 'done', group: { jobs: 4 }, endedAt: ended.endedAt };
        await expect.poll(() => listed(id), { timeout: WITHIN_MS }).toMatchObject(row);
      });

      test.each([
        ['discard', 'discarded', 'done'],
        ['cancel', 'cancelled', 'cancelled'],
      ] as const)('%s ends all jobs of a group', async (type, state, row) => {
        const { id, ids } = await startGroup({ dueAt: LATER }, { dueAt: LATER });
        await jobs.actOnGroup(id, { type, actor: 'ada' });
        for (const job of ids)
          expect((await reaches(job, state)).job.actionsTaken).toMatchObject([{ action: type, by: 'ada' }]);
        expect(await jobs.readGroup(id)).toMatchObject({ counts: { [state]: 2 }, actions: [] });
        await expect.poll(() => listed(id), { timeout: WITHIN_MS }).toMatchObject({ state: row });
      });

      testRefusals('present');
    });
  });
}
