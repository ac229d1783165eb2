/** Scripted lives of groups, one for each thing that can happen to their jobs: compared stage by stage, and recorded for replay. */
import { failureOf } from '../../src/job/attempt-end.ts';
import { FAILURE } from '../../src/contract/failures.ts';
import { asChunkReport } from '../../src/job/group/read-chunk-report.ts';
import { SIGNALS, UPDATES } from '../../src/contract/messages.ts';
import { itemId } from '../../src/job/group/groups.ts';
import type { JobView } from '../../src/job/job.ts';
import { recordFromInput, stateOf } from '../../src/job/job-record.ts';
import { readReport } from '../../src/job/read-report.ts';
import { discardJob } from '../../src/job/verdicts.ts';
import { groupHistory, runWith } from '../../src/temporal/history/read-item.ts';
import { lastHeartbeat } from '../../src/worker/predecessors.ts';
import { lost, notHere, returned } from './scripted-ends.ts';
import type { Script, ScriptedWorld } from './scripted-world.ts';
import { until } from './until.ts';

const FAR_AWAY = '2035-01-01T00:00:00.000Z';
const FARTHER_AWAY = '2036-01-01T00:00:00.000Z';

/** Jobs of groups that the scripted worker runs at the same time. */
export const SLOTS = 3;

export interface GroupLife {
  readonly name: string;
  readonly kind: 'GroupWorkflow';
  /** @param stage called where the group rests for a moment. @returns the group's id */
  live(world: ScriptedWorld, stage: (groupId: string) => Promise<void>): Promise<string>;
}

const ok: Script = () => 'ok';

/** Runs until its signal is aborted, or the test lets it go. */
function held(): { readonly script: Script; readonly begun: Promise<void>; readonly release: () => void } {
  const begun = Promise.withResolvers<void>();
  const enough = Promise.withResolvers<void>();
  const script: Script = async (_attempt, signal) => {
    begun.resolve();
    const stopped = Promise.withResolvers<never>();
    signal.addEventListener('abort', () => stopped.reject(new Error('stopped')));
    await Promise.race([enough.promise, stopped.promise]);
    return 'ok';
  };
  return { script, begun: begun.promise, release: enough.resolve };
}

async function reaches(world: ScriptedWorld, groupId: string, item: number, state: JobView['state']): Promise<void> {
  const stateNow = async (): Promise<JobView['state'] | undefined> => {
    const history = await groupHistory(world.client, groupId);
    const record = (await runWith(world.client, history, item))?.fold(item)?.record;
    return record && stateOf(record);
  };
  await until(`${item} is ${state}`, async () => (await stateNow()) === state, 20_000);
}

/** Until a job that has left its group is in this state. */
async function goesOnAs(world: ScriptedWorld, groupId: string, item: number, state: JobView['state']): Promise<void> {
  const view = async (): Promise<JobView | undefined> => world.view(itemId(groupId, item)).catch(() => undefined);
  await until(`${item} goes on as ${state}`, async () => (await view())?.state === state, 20_000);
}

/** How often jobs of the group have gone out. */
async function chunksOf(world: ScriptedWorld, groupId: string): Promise<number> {
  const { events } = await world.client.workflow.getHandle(groupId).fetchHistory();
  return (events ?? []).filter(({ activityTaskScheduledEventAttributes: scheduled }) => scheduled).length;
}

/** As a worker does whose predecessor was killed. Without a report: it had told nothing. */
async function failChunk(world: ScriptedWorld, withReport: boolean): Promise<void> {
  const [activity] = world.chunksInHand;
  const { taskToken = '', workflowId = '', runId = '', activityId = '' } = activity ?? {};
  const told = await lastHeartbeat(world.client, { workflowId, runId, activityId });
  const error = { type: FAILURE.workerLost, message: 'worker 1 was killed, and with it the process that this ran in' };
  const report = withReport ? readReport(told) : undefined;
  const failure = failureOf({ as: 'crashed', evidence: 'none', error, ...(report && { report }) });
  await world.client.activity.fail(Buffer.from(taskToken, 'base64'), failure);
}

export const GROUP_LIVES: readonly GroupLife[] = [
  {
    name: 'all-done',
    kind: 'GroupWorkflow',
    async live(world, stage) {
      const id = await world.startGroup([{ script: ok }, { script: ok }, { script: ok }]);
      for (const item of [0, 1, 2]) await reaches(world, id, item, 'done');
      await stage(id);
      return id;
    },
  },
  {
    name: 'one-is-done-without-its-result',
    kind: 'GroupWorkflow',
    async live(world, stage) {
      const id = await world.startGroup([{ script: () => 10n }, { script: ok }]);
      for (const item of [0, 1]) await reaches(world, id, item, 'done');
      const history = await groupHistory(world.client, id);
      const note = (await runWith(world.client, history, 0))?.fold(0)?.record.note;
      if (!note?.includes('BigInt')) throw new Error(`it does not say why it has no result: ${note}`);
      await stage(id);
      return id;
    },
  },
  {
    name: 'due-at-different-times',
    kind: 'GroupWorkflow',
    async live(world, stage) {
      const soon = new Date(Date.now() + 700).toISOString();
      const id = await world.startGroup([{ script: ok, dueAt: soon }, { script: ok }]);
      await reaches(world, id, 1, 'done');
      await stage(id);
      await reaches(world, id, 0, 'done');
      await stage(id);
      return id;
    },
  },
  {
    name: 'many-go-out-ahead-of-their-time',
    kind: 'GroupWorkflow',
    async live(world, stage) {
      const dueIn = (ms: number): string => new Date(Date.now() + ms).toISOString();
      const later = Array.from({ length: 15 }, () => ({ script: ok, dueAt: dueIn(5_000) }));
      const id = await world.startGroup([{ script: ok, dueAt: dueIn(500) }, ...later]);
      for (const item of [0, 3, 15]) await reaches(world, id, item, 'done');
      await stage(id);
      return id;
    },
  },
  {
    name: 'one-fails-and-leaves-while-another-runs',
    kind: 'GroupWorkflow',
    async live(world, stage) {
      const slow = held();
      const failing: Script = ({ number }) => {
        if (number === 1) throw new Error('no luck');
        return 'ok';
      };
      const id = await world.startGroup([
        { script: slow.script },
        { script: failing, retryDelaysMs: [50] },
        { script: ok },
      ]);
      await goesOnAs(world, id, 1, 'done');
      await stage(id);
      slow.release();
      await reaches(world, id, 0, 'done');
      await stage(id);
      return id;
    },
  },
  {
    name: 'actions-follow-those-that-have-left',
    kind: 'GroupWorkflow',
    async live(world, stage) {
      const slow = held();
      const failing: Script = () => {
        throw new Error('no luck');
      };
      const left = { script: failing, retryDelaysMs: [3_600_000] };
      const id = await world.startGroup([{ script: slow.script }, left, left, { script: ok }]);
      for (const item of [1, 2]) await goesOnAs(world, id, item, 'retrying');
      await reaches(world, id, 3, 'done');
      await stage(id);
      // From somebody who looked before they had left; what has ended stays as it is.
      const handle = world.client.workflow.getHandle(id);
      await handle.signal(SIGNALS.cancel, {}, 1);
      await handle.signal(SIGNALS.reschedule, { dueAt: FAR_AWAY }, 2);
      await handle.signal(SIGNALS.pause, {}, 3);
      const own = (item: number) => world.client.workflow.getHandle(itemId(id, item));
      await until('one is cancelled', async () => (await own(1).describe()).status.name === 'CANCELLED', 20_000);
      await until('the other is moved', async () => (await world.view(itemId(id, 2))).dueAt === FAR_AWAY, 20_000);
      await stage(id);
      slow.release();
      await reaches(world, id, 0, 'done');
      await stage(id);
      return id;
    },
  },
  {
    name: 'one-is-dead-one-discards-itself',
    kind: 'GroupWorkflow',
    async live(world, stage) {
      const dying: Script = () => {
        throw new Error('no luck');
      };
      const discarding: Script = () => {
        throw discardJob('not wanted');
      };
      const id = await world.startGroup([{ script: dying, maxAttempts: 1 }, { script: discarding }]);
      await goesOnAs(world, id, 0, 'dead');
      await reaches(world, id, 1, 'discarded');
      await stage(id);
      return id;
    },
  },
  {
    name: 'one-is-given-back-by-a-worker-that-cannot-run-it',
    kind: 'GroupWorkflow',
    async live(world, stage) {
      let times = 0;
      const elsewhere: Script = () => {
        times += 1;
        return times === 1 ? notHere() : 'ok';
      };
      const slow = held();
      const id = await world.startGroup([{ script: elsewhere }, { script: ok }, { script: slow.script }]);
      const givenBack = async (): Promise<boolean> => (await world.itemView(id, 0)).givenBack?.times === 1;
      await until('it is given back', givenBack, 20_000);
      await stage(id);
      await reaches(world, id, 0, 'done');
      await reaches(world, id, 1, 'done');
      await stage(id);
      slow.release();
      await reaches(world, id, 2, 'done');
      await stage(id);
      return id;
    },
  },
  {
    name: 'worker-lost-in-mid-chunk',
    kind: 'GroupWorkflow',
    async live(world, stage) {
      const poor = held();
      const crashing: Script = (attempt, signal) => (attempt.number === 1 ? poor.script(attempt, signal) : 'ok');
      const id = await world.startGroup([{ script: ok }, { script: crashing }]);
      await poor.begun;
      await until(
        'the worker has told that the other is done',
        async () => {
          const [chunk] = world.chunksInHand;
          const report = chunk && asChunkReport(await lastHeartbeat(world.client, chunk));
          return report?.done.length === 1;
        },
        20_000,
      );
      await stage(id);
      await failChunk(world, true);
      await reaches(world, id, 1, 'done');
      await stage(id);
      poor.release();
      return id;
    },
  },
  {
    name: 'one-kills-its-processes-until-it-is-dead',
    kind: 'GroupWorkflow',
    async live(world, stage) {
      let waits = 0;
      const guilty: Script = ({ isSuspect = false }) => {
        if (isSuspect && waits < 2) {
          waits += 1;
          returned(50);
        }
        return lost(isSuspect ? 'alone' : 'shared', true);
      };
      const poor: Script = ({ number }) => (number === 1 ? lost('shared') : 'ok');
      const id = await world.startGroup([{ script: guilty }, { script: poor }]);
      await reaches(world, id, 1, 'done');
      await goesOnAs(world, id, 0, 'dead');
      await stage(id);
      return id;
    },
  },
  {
    name: 'worker-lost-without-a-word',
    kind: 'GroupWorkflow',
    async live(world, stage) {
      const first = [held(), held()] as const;
      const second = [held(), held()] as const;
      // An attempt that may not have begun is not counted, so both are the first.
      let runs = 0;
      const crashing: Script = (attempt, signal) => {
        const hold = [...first, ...second][runs];
        runs += 1;
        return hold ? hold.script(attempt, signal) : 'ok';
      };
      const id = await world.startGroup([{ script: crashing }, { script: crashing }]);
      for (const { begun } of first) await begun;
      await failChunk(world, false);
      for (const { release } of first) release();
      for (const { begun } of second) await begun;
      await until('only the new chunk is in hand', async () => world.chunksInHand.size === 1, 20_000);
      await stage(id);
      await failChunk(world, false);
      for (const { release } of second) release();
      for (const item of [0, 1]) await reaches(world, id, item, 'done');
      await stage(id);
      return id;
    },
  },
  {
    name: 'given-back-for-want-of-slots',
    kind: 'GroupWorkflow',
    async live(world, stage) {
      const slow = Array.from({ length: SLOTS }, () => held());
      const id = await world.startGroup([...slow, { script: ok }, { script: ok }]);
      for (const { begun } of slow) await begun;
      // Its attempt came back before it began; it is due at once, and goes out again.
      await until('the others have come back', async () => (await chunksOf(world, id)) > 1, 20_000);
      slow[0]?.release();
      await reaches(world, id, SLOTS, 'done');
      await reaches(world, id, SLOTS + 1, 'done');
      await stage(id);
      for (const { release } of slow) release();
      for (const item of slow.keys()) await reaches(world, id, item, 'done');
      await stage(id);
      return id;
    },
  },
  {
    name: 'moved-by-updates',
    kind: 'GroupWorkflow',
    async live(world, stage) {
      const waiting = { script: ok, dueAt: FAR_AWAY };
      const id = await world.startGroup([waiting, waiting, waiting, waiting]);
      const handle = world.client.workflow.getHandle(id);
      await handle.executeUpdate(UPDATES.reschedule, { args: [{ dueAt: FARTHER_AWAY }, 0] });
      await stage(id);
      await handle.executeUpdate(UPDATES.pause, { args: [{}, 1] });
      await stage(id);
      await handle.executeUpdate(UPDATES.discard, { args: [{}, 2] });
      await stage(id);
      await handle.executeUpdate(UPDATES.edit, { args: [{ changes: { maxAttempts: 3 } }, 3] });
      await stage(id);
      await handle.executeUpdate(UPDATES.resume, { args: [{}, 1] });
      await handle.executeUpdate(UPDATES.runNow, { args: [{}, 1] });
      await reaches(world, id, 1, 'done');
      await stage(id);
      await handle.executeUpdate(UPDATES.runNow, { args: [{}, 0] });
      await reaches(world, id, 0, 'done');
      await stage(id);
      await world.client.workflow.getHandle(itemId(id, 3)).cancel();
      return id;
    },
  },
  {
    name: 'moved-by-signals',
    kind: 'GroupWorkflow',
    async live(world, stage) {
      const waiting = { script: ok, dueAt: FAR_AWAY };
      const id = await world.startGroup([waiting, waiting]);
      const handle = world.client.workflow.getHandle(id);
      await handle.signal(SIGNALS.reschedule, { dueAt: FARTHER_AWAY }, 0);
      // Not there, not legal, not a time: all are ignored.
      await handle.signal(SIGNALS.pause, {}, 7);
      await handle.signal(SIGNALS.resume, {}, 0);
      await handle.signal(SIGNALS.reschedule, { dueAt: 'soon' }, 1);
      await handle.signal(SIGNALS.pause, {}, 1);
      await reaches(world, id, 1, 'paused');
      await stage(id);
      await handle.signal(SIGNALS.runNow, {}, 1);
      await handle.signal(SIGNALS.runNow, {}, 0);
      for (const item of [0, 1]) await reaches(world, id, item, 'done');
      await stage(id);
      return id;
    },
  },
  {
    name: 'moved-all-together',
    kind: 'GroupWorkflow',
    async live(world, stage) {
      const waiting = { script: ok, dueAt: FAR_AWAY };
      const id = await world.startGroup([waiting, waiting, waiting]);
      const handle = world.client.workflow.getHandle(id);
      await handle.executeUpdate(UPDATES.discard, { args: [{}, 2] });
      await handle.executeUpdate(UPDATES.pause, { args: [{}, null] });
      await stage(id);
      await handle.signal(SIGNALS.reschedule, { dueAt: FARTHER_AWAY }, null);
      await handle.executeUpdate(UPDATES.resume, { args: [{}] });
      await stage(id);
      await handle.executeUpdate(UPDATES.runNow, { args: [{}, null] });
      for (const item of [0, 1]) await reaches(world, id, item, 'done');
      await stage(id);
      return id;
    },
  },
  {
    name: 'taken-out-of-a-queue-that-nobody-serves',
    kind: 'GroupWorkflow',
    async live(world, stage) {
      const id = await world.startGroup([{ script: ok }, { script: ok }], { queue: 'nobody-serves-this' });
      const handle = world.client.workflow.getHandle(id);
      await reaches(world, id, 0, 'queued');
      await stage(id);
      await handle.executeUpdate(UPDATES.reschedule, { args: [{ dueAt: FAR_AWAY }, 0] });
      await stage(id);
      await reaches(world, id, 1, 'queued');
      await handle.executeUpdate(UPDATES.edit, { args: [{ changes: { queue: world.queue } }, 1] });
      await goesOnAs(world, id, 1, 'done');
      await handle.executeUpdate(UPDATES.discard, { args: [{}, 0] });
      await stage(id);
      return id;
    },
  },
  {
    name: 'came-too-late-for-its-attempt',
    kind: 'GroupWorkflow',
    async live(world, stage) {
      const slow = held();
      const id = await world.startGroup([{ script: slow.script }, { script: ok }]);
      const handle = world.client.workflow.getHandle(id);
      await slow.begun;
      // Refused, since a worker has it; the pause holds back what would come after this attempt.
      await handle.executeUpdate(UPDATES.discard, { args: [{}, 0] }).catch(() => undefined);
      await handle.executeUpdate(UPDATES.pause, { args: [{}, 0] });
      await stage(id);
      slow.release();
      await reaches(world, id, 0, 'done');
      await stage(id);
      return id;
    },
  },
  {
    name: 'one-cancelled-while-others-go-on',
    kind: 'GroupWorkflow',
    async live(world, stage) {
      const [cancelled, other] = [held(), held()];
      const id = await world.startGroup([cancelled, other, { script: ok, dueAt: FAR_AWAY }]);
      const handle = world.client.workflow.getHandle(id);
      for (const { begun } of [cancelled, other]) await begun;
      await handle.signal(SIGNALS.cancel, {}, 0);
      await handle.signal(SIGNALS.cancel, {}, 2);
      await handle.signal(SIGNALS.cancel, {}, 9);
      await reaches(world, id, 0, 'cancelled');
      await reaches(world, id, 2, 'cancelled');
      await stage(id);
      other.release();
      await reaches(world, id, 1, 'done');
      await stage(id);
      return id;
    },
  },
  {
    name: 'some-are-not-usable',
    kind: 'GroupWorkflow',
    async live(world, stage) {
      const ofNoKind = { script: ok, kind: 'Nonsense' } as never;
      const id = await world.startGroup([{ script: ok }, { script: ok, maxAttempts: 0 }, ofNoKind, { script: ok }]);
      await reaches(world, id, 0, 'done');
      await reaches(world, id, 3, 'done');
      await reaches(world, id, 1, 'dead');
      await stage(id);
      return id;
    },
  },
  {
    name: 'cancelled-as-a-whole',
    kind: 'GroupWorkflow',
    async live(world, stage) {
      const slow = held();
      const id = await world.startGroup([slow, { script: ok }, { script: ok, dueAt: FAR_AWAY }]);
      await slow.begun;
      await reaches(world, id, 2, 'scheduled');
      await world.client.workflow.getHandle(id).cancel();
      await reaches(world, id, 0, 'cancelled');
      await reaches(world, id, 2, 'cancelled');
      await stage(id);
      return id;
    },
  },
  {
    name: 'went-on-in-a-new-run',
    kind: 'GroupWorkflow',
    async live(world, stage) {
      // As a run hands it on; before Temporal suggests that, a history has thousands of events.
      const groupId = 'group-00000000-0000-4000-8000-000000000000';
      const job = { args: { name: 'x' }, dueAt: FAR_AWAY, queue: world.queue };
      const record = recordFromInput(itemId(groupId, 4), 'NameWorkflow', Date.parse('2026-01-01T00:00:00Z'), job);
      const jobs = [{ ...record, crashes: 1, lastNumber: 1, paused: true }];
      const id = await world.startGroup([], { carried: { jobs, chunks: 9, chunkSize: 50, summary: { done: 3 } } });
      await reaches(world, id, 4, 'paused');
      await stage(id);
      await world.client.workflow.getHandle(id).executeUpdate(UPDATES.runNow, { args: [{}, 4] });
      await until(
        'it has ended',
        async () => (await world.client.workflow.getHandle(id).describe()).closeTime != null,
        20_000,
      );
      await stage(id);
      return id;
    },
  },
];
