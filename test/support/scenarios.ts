/** Scripted lives of jobs, one for each thing that can happen to them: compared stage by stage, and recorded for replay. */
import type { JobView } from '../../src/job/job.ts';
import type { JobInput } from '../../src/job/job-record.ts';
import { recordFromInput } from '../../src/job/job-record.ts';
import { SIGNALS, UPDATES } from '../../src/contract/messages.ts';
import { discardJob } from '../../src/job/verdicts.ts';
import { lost, returned, notHere } from './scripted-ends.ts';
import { until } from './until.ts';
import type { Script, ScriptedWorld } from './scripted-world.ts';

const FAR_AWAY = '2035-01-01T00:00:00.000Z';
const FARTHER_AWAY = '2036-01-01T00:00:00.000Z';

export interface Life {
  readonly name: string;
  readonly kind: 'NameWorkflow' | 'WriteReport';
  /** @param stage called where the job rests for a moment */
  live(world: ScriptedWorld, stage: (jobId: string) => Promise<void>): Promise<string>;
}

const ok: Script = () => 'ok';
const noJson: Script = () => 10n;

async function reaches(world: ScriptedWorld, id: string, state: JobView['state']): Promise<void> {
  await until(`${id} is ${state}`, async () => (await world.view(id)).state === state, 20_000);
}

function simple(
  name: string,
  script: Script,
  input: Partial<JobInput>,
  end: JobView['state'],
  kind: Life['kind'] = 'NameWorkflow',
): Life {
  return {
    name,
    kind,
    async live(world, stage) {
      const id = await world.start(script, input, kind);
      await reaches(world, id, end);
      await stage(id);
      return id;
    },
  };
}

/** What a worker says that has two suspects already. */
let asked = 0;
function noRoomTwice(): string {
  asked += 1;
  return asked < 3 ? returned(50) : 'ok';
}

/** Workers that cannot run it give it back twice; another one can. */
function notHereTwice(): Script {
  let times = 0;
  return () => {
    times += 1;
    return times <= 2 ? notHere(times === 1 ? 'unknownKind' : 'olderVersion') : 'ok';
  };
}

export const LIVES: readonly Life[] = [
  simple('done', ok, {}, 'done'),
  simple('done', () => ({ file: 'x.csv', rows: 1 }), { args: { rows: 1, msPerRow: 0 } }, 'done', 'WriteReport'),
  simple(
    'failed-twice',
    ({ number }) => {
      if (number < 3) throw new Error('no luck');
      return 'ok';
    },
    { retryDelaysMs: [50] },
    'done',
  ),
  simple('crashed', ({ number }) => (number === 1 ? lost() : 'ok'), {}, 'done', 'WriteReport'),
  simple('suspect-then-cleared', ({ number }) => (number < 3 ? lost() : 'ok'), {}, 'done'),
  simple('guilty-alone', ({ isSuspect }) => lost(isSuspect ? 'alone' : 'shared'), {}, 'dead'),
  simple('no-room-at-first', ({ isSuspect }) => (isSuspect ? noRoomTwice() : lost('shared', true)), {}, 'done'),
  {
    name: 'given-back-by-workers-that-cannot-run-it',
    kind: 'WriteReport',
    async live(world, stage) {
      const id = await world.start(notHereTwice(), {}, 'WriteReport');
      for (const times of [1, 2]) {
        await until(`${id} is given back`, async () => (await world.view(id)).givenBack?.times === times, 20_000);
        await stage(id);
      }
      await reaches(world, id, 'done');
      await stage(id);
      return id;
    },
  },
  {
    name: 'done-without-its-result',
    kind: 'NameWorkflow',
    async live(world, stage) {
      const id = await world.start(noJson);
      await until(`${id} says why`, async () => (await world.view(id)).note?.includes('BigInt') === true, 20_000);
      await stage(id);
      return id;
    },
  },
  simple(
    'discarded-itself',
    () => {
      throw discardJob('not wanted');
    },
    {},
    'discarded',
  ),
  {
    name: 'moved-by-updates',
    kind: 'NameWorkflow',
    async live(world, stage) {
      const id = await world.start(ok, { dueAt: FAR_AWAY });
      const handle = world.client.workflow.getHandle(id);
      await reaches(world, id, 'scheduled');
      await stage(id);
      await handle.executeUpdate(UPDATES.reschedule, { args: [{ dueAt: FARTHER_AWAY }] });
      await stage(id);
      await handle.executeUpdate(UPDATES.pause, { args: [{}] });
      await stage(id);
      await handle.executeUpdate(UPDATES.resume, { args: [{}] });
      await stage(id);
      await handle.executeUpdate(UPDATES.edit, { args: [{ changes: { maxAttempts: 3 } }] });
      await stage(id);
      await handle.executeUpdate(UPDATES.runNow, { args: [{}] });
      await reaches(world, id, 'done');
      await stage(id);
      return id;
    },
  },
  {
    name: 'moved-by-signals',
    kind: 'NameWorkflow',
    async live(world, stage) {
      const id = await world.start(ok, { dueAt: FAR_AWAY });
      const handle = world.client.workflow.getHandle(id);
      await handle.signal(SIGNALS.reschedule, { dueAt: FARTHER_AWAY });
      // Not legal for a scheduled job, nor a time: both are ignored.
      await handle.signal(SIGNALS.retry, {});
      await handle.signal(SIGNALS.reschedule, { dueAt: 'soon' });
      await handle.signal(SIGNALS.pause, {});
      await reaches(world, id, 'paused');
      await stage(id);
      await handle.signal(SIGNALS.resume, {});
      await handle.signal(SIGNALS.runNow, {});
      await reaches(world, id, 'done');
      await stage(id);
      return id;
    },
  },
  {
    name: 'dead-edited-retried',
    kind: 'NameWorkflow',
    async live(world, stage) {
      const script: Script = ({ args }) => {
        if ('name' in args && args.name === 'bad') throw new Error('bad name');
        return 'ok';
      };
      const id = await world.start(script, { args: { name: 'bad' }, maxAttempts: 1 });
      const handle = world.client.workflow.getHandle(id);
      await reaches(world, id, 'dead');
      await stage(id);
      await handle.executeUpdate(UPDATES.edit, { args: [{ changes: { args: { name: 'good' } } }] });
      await stage(id);
      await handle.executeUpdate(UPDATES.retry, { args: [{}] });
      await reaches(world, id, 'done');
      await stage(id);
      return id;
    },
  },
  {
    name: 'discarded-by-a-person',
    kind: 'NameWorkflow',
    async live(world, stage) {
      const id = await world.start(ok, { dueAt: FAR_AWAY });
      await world.client.workflow.getHandle(id).executeUpdate(UPDATES.discard, { args: [{}] });
      await reaches(world, id, 'discarded');
      await stage(id);
      return id;
    },
  },
  {
    name: 'cancelled-while-waiting',
    kind: 'NameWorkflow',
    async live(world, stage) {
      const id = await world.start(ok, { dueAt: FAR_AWAY });
      await reaches(world, id, 'scheduled');
      await world.client.workflow.getHandle(id).cancel();
      await reaches(world, id, 'cancelled');
      await stage(id);
      return id;
    },
  },
  {
    name: 'cancelled-while-running',
    kind: 'NameWorkflow',
    async live(world, stage) {
      const { promise: started, resolve } = Promise.withResolvers<void>();
      const id = await world.start(async (_attempt, signal) => {
        resolve();
        await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
      });
      await started;
      await stage(id);
      await world.client.workflow.getHandle(id).cancel();
      await reaches(world, id, 'cancelled');
      await stage(id);
      return id;
    },
  },
  {
    name: 'paused-while-running',
    kind: 'NameWorkflow',
    async live(world, stage) {
      const { promise: started, resolve: start } = Promise.withResolvers<void>();
      const { promise: enough, resolve: finish } = Promise.withResolvers<void>();
      const script: Script = async ({ number }) => {
        if (number > 1) return 'ok';
        start();
        await enough;
        throw new Error('no luck');
      };
      const id = await world.start(script, { retryDelaysMs: [0] });
      const handle = world.client.workflow.getHandle(id);
      await started;
      await handle.executeUpdate(UPDATES.pause, { args: [{}] });
      await stage(id);
      finish();
      await reaches(world, id, 'paused');
      await stage(id);
      await handle.executeUpdate(UPDATES.resume, { args: [{}] });
      await reaches(world, id, 'done');
      await stage(id);
      return id;
    },
  },
  {
    name: 'withdrawn-from-its-queue',
    kind: 'NameWorkflow',
    async live(world, stage) {
      const id = await world.start(ok, { queue: 'nobody-serves-this' });
      const handle = world.client.workflow.getHandle(id);
      await reaches(world, id, 'queued');
      await stage(id);
      await handle.executeUpdate(UPDATES.reschedule, { args: [{ dueAt: FAR_AWAY }] });
      await stage(id);
      await handle.executeUpdate(UPDATES.runNow, { args: [{}] });
      await reaches(world, id, 'queued');
      await handle.executeUpdate(UPDATES.pause, { args: [{}] });
      await reaches(world, id, 'paused');
      await stage(id);
      await handle.executeUpdate(UPDATES.edit, { args: [{ changes: { queue: world.queue } }] });
      await handle.executeUpdate(UPDATES.resume, { args: [{}] });
      await reaches(world, id, 'done');
      await stage(id);
      return id;
    },
  },
  {
    name: 'moved-out-of-its-queue-by-several',
    kind: 'NameWorkflow',
    async live(world, stage) {
      const id = await world.start(ok, { queue: 'nobody-serves-this' });
      const handle = world.client.workflow.getHandle(id);
      await reaches(world, id, 'queued');
      await Promise.all([
        handle.executeUpdate(UPDATES.reschedule, { args: [{ dueAt: FAR_AWAY }] }),
        handle.executeUpdate(UPDATES.edit, { args: [{ changes: { queue: world.queue } }] }),
        handle.executeUpdate(UPDATES.pause, { args: [{}] }),
      ]);
      await stage(id);
      await handle.executeUpdate(UPDATES.runNow, { args: [{}] });
      await reaches(world, id, 'done');
      await stage(id);
      return id;
    },
  },
  {
    name: 'came-too-late-for-its-attempt',
    kind: 'NameWorkflow',
    async live(world, stage) {
      const { promise: started, resolve: start } = Promise.withResolvers<void>();
      const { promise: enough, resolve: finish } = Promise.withResolvers<void>();
      const script: Script = async ({ number }) => {
        if (number > 1) return 'ok';
        start();
        await enough;
        throw new Error('no luck');
      };
      const id = await world.start(script, { retryDelaysMs: [0] });
      const handle = world.client.workflow.getHandle(id);
      await started;
      // The update is refused; the signal waits for the attempt's end.
      await handle.executeUpdate(UPDATES.discard, { args: [{}] }).catch(() => undefined);
      await handle.signal(SIGNALS.reschedule, { dueAt: FAR_AWAY });
      await reaches(world, id, 'queued');
      finish();
      await reaches(world, id, 'retrying');
      await stage(id);
      await handle.executeUpdate(UPDATES.runNow, { args: [{}] });
      await reaches(world, id, 'done');
      await stage(id);
      return id;
    },
  },
  {
    name: 'not-usable-from-its-start',
    kind: 'NameWorkflow',
    async live(world, stage) {
      const id = await world.start(ok, { queue: 5, maxAttempts: 'x' } as never);
      const handle = world.client.workflow.getHandle(id);
      await reaches(world, id, 'dead');
      await stage(id);
      await handle.executeUpdate(UPDATES.edit, { args: [{ changes: { queue: world.queue } }] });
      await handle.executeUpdate(UPDATES.retry, { args: [{}] });
      await reaches(world, id, 'done');
      await stage(id);
      return id;
    },
  },
  {
    name: 'went-on-in-a-new-run',
    kind: 'NameWorkflow',
    async live(world, stage) {
      // As a run hands it on; before Temporal suggests that, a history has thousands of events.
      const input = { args: { name: 'x' }, dueAt: FAR_AWAY, queue: world.queue };
      const handedOn = recordFromInput('the-job', 'NameWorkflow', Date.parse('2026-01-01T00:00:00Z'), input);
      const record = { ...handedOn, crashes: 2, spent: 1, lastNumber: 3, paused: true };
      const id = await world.start(ok, { record });
      await reaches(world, id, 'paused');
      await stage(id);
      await world.client.workflow.getHandle(id).executeUpdate(UPDATES.runNow, { args: [{}] });
      await reaches(world, id, 'done');
      await stage(id);
      return id;
    },
  },
];
