/** The largest that is legal, of everything at once: nothing is terminated, stuck, unreadable or unmovable. */
import { setTimeout as sleep } from 'node:timers/promises';
import { NativeConnection } from '@temporalio/worker';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { BUDGETS, TEMPORAL_LIMITS } from '../../src/contract/budgets.ts';
import { SIGNALS, UPDATES } from '../../src/contract/messages.ts';
import { itemId } from '../../src/job/group/groups.ts';
import type { JobView } from '../../src/job/job.ts';
import { LIMITS } from '../../src/contract/limits.ts';
import { loadConfig } from '../../src/config/config.ts';
import { DEFAULT_TASK_QUEUE } from '../../src/contract/queues.ts';
import { connectClient } from '../../src/temporal/connect.ts';
import { IllegalActionError, TooManyActionsError } from '../../src/temporal/errors.ts';
import { readJob } from '../../src/temporal/history/find-job.ts';
import type { ActionRequest, JobSnapshot, ActionAnswer, WorkerPresence } from '../../src/temporal/jobs.ts';
import { SignalledActions } from '../../src/temporal/actions/signalled-actions.ts';
import { actOnJob } from '../../src/temporal/actions/act-on-job.ts';
import { startAlteredDevServer, type AlteredDevServer } from '../support/altered-dev-server.ts';
import { lost, stopped } from '../support/scripted-ends.ts';
import { scriptedWorld, type Script, type ScriptedWorld } from '../support/scripted-world.ts';
import { until } from '../support/until.ts';

/** Kinds of one's own may take any arguments, and so large ones. */
vi.mock('../../src/contract/schemas/job-args.ts', async () => {
  const { z } = await import('zod');
  return { JOB_ARGS: { NameWorkflow: z.looseObject({}), WriteReport: z.looseObject({}) } };
});

/** A history is long after so many events, so that runs continue as new while somebody looks. */
const LONG_AFTER_EVENTS = 60;
const FAR_AWAY = '2035-01-01T00:00:00.000Z';
/** Weighs six bytes in JSON: what a person sees is shorter than what a history keeps. */
const HEAVY = '\u0001';

let server: AlteredDevServer;
let connection: NativeConnection;
let world: ScriptedWorld;
let jobs: { read(id: string): Promise<JobSnapshot>; act(id: string, action: ActionRequest): Promise<ActionAnswer> };
/** Scripted workers send no heartbeats, so the test says whether there are any. */
let workersAre: WorkerPresence = 'present';
let stopWorkers: () => Promise<void>;

beforeAll(async () => {
  const cli = { path: inject('temporalCli'), version: inject('temporalCliVersion') };
  const soonLong = `--dynamic-config-value=limit.historyCount.suggestContinueAsNew=${LONG_AFTER_EVENTS}`;
  server = await startAlteredDevServer(cli, (argument) =>
    argument.startsWith('--log-level') ? [argument, soonLong] : [argument],
  );
  const address = `127.0.0.1:${server.port}`;
  const client = connectClient(loadConfig({ TEMPORAL_ADDRESS: address }).temporal);
  connection = await NativeConnection.connect({ address });
  const { workers, ...scripted } = await scriptedWorld({
    client,
    connection,
    workflowBundlePath: inject('workflowBundlePath'),
    queue: 'limits',
  });
  world = scripted;
  const deps = {
    client,
    taskQueue: DEFAULT_TASK_QUEUE,
    workers: { presence: async () => workersAre },
    signalled: new SignalledActions(client),
  };
  jobs = { read: async (id) => readJob(deps, id), act: async (id, action) => actOnJob(deps, id, action) };
  const running = Promise.all(workers.map((worker) => worker.run()));
  stopWorkers = async () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await running;
  };
});

afterAll(async () => {
  await stopWorkers();
  await world.client.connection.close();
  await connection.close();
  await server[Symbol.asyncDispose]();
});

const ok: Script = () => 'ok';

function fails(): never {
  throw new TypeError(HEAVY.repeat(BUDGETS.errorMessage));
}

/** As much text as weighs so many bytes in JSON, after what stands round it. */
function textOf(bytes: number): string {
  return 'x'.repeat(bytes - 64);
}

async function stateOf(id: string): Promise<JobView['state'] | undefined> {
  return jobs.read(id).then(
    ({ job }) => job.state,
    () => undefined,
  );
}

async function reaches(id: string, state: JobView['state'], withinMs = 20_000): Promise<JobView> {
  await until(`${id} is ${state}`, async () => (await stateOf(id)) === state, withinMs);
  return (await jobs.read(id)).job;
}

/** How many runs the workflow has had that continued as new. */
async function runsOf(workflowId: string): Promise<number> {
  let runs = 0;
  for await (const { workflowId: id } of world.client.workflow.list({ query: `WorkflowId = "${workflowId}"` }))
    runs += id === workflowId ? 1 : 0;
  return runs - 1;
}

test('500 jobs that fail together with the longest messages all go on as jobs of their own', async () => {
  const args = { name: textOf(BUDGETS.groupArguments / LIMITS.groupItems - 300) };
  const items = Array.from({ length: LIMITS.groupItems }, () => ({ script: fails, args, retryDelaysMs: [3_600_000] }));
  const id = await world.startGroup(items);
  const { client } = world;
  const left = async (): Promise<number> => (await client.workflow.count(`JobGroup = "${id}"`)).count;
  await until('all have left', async () => (await left()) === LIMITS.groupItems, 60_000);
  await until(
    'the group has ended',
    async () => (await client.workflow.getHandle(id).describe()).closeTime != null,
    20_000,
  );
  expect(await client.workflow.getHandle(id).result()).toEqual({ left: LIMITS.groupItems });
  const { job } = await jobs.read(itemId(id, 499));
  expect(job).toMatchObject({ state: 'retrying', attempt: 1, error: { type: 'TypeError' } });
  expect((await jobs.act(job.id, { type: 'discard' })).job.state).toBe('discarded');
}, 120_000);

test('jobs with a long story leave their group before its next run, which the others go on in', async () => {
  const attempts = 12;
  const stopping: Script = ({ number }) => (number > attempts ? 'ok' : stopped());
  const long = Array.from({ length: 40 }, () => ({ script: stopping }));
  const args = { name: textOf(20_000) };
  const id = await world.startGroup([...long, { script: ok, dueAt: FAR_AWAY, args }]);
  const waiting = itemId(id, long.length);
  await until('it has continued as new', async () => (await runsOf(id)) > 0, 30_000);
  for (const number of long.keys()) await reaches(itemId(id, number), 'done');
  expect((await jobs.read(waiting)).job.state).toBe('scheduled');
  await jobs.act(waiting, { type: 'runNow' });
  await reaches(waiting, 'done');
}, 90_000);

test('a job may be edited with the largest arguments again and again, and goes on', async () => {
  const id = await world.start(ok, { dueAt: FAR_AWAY, args: { name: textOf(BUDGETS.arguments) } });
  for (let n = 0; n < 9; n += 1) {
    const { job } = await jobs.act(id, { type: 'edit', changes: { args: { name: textOf(BUDGETS.edit - n) } } });
    expect(job.state).toBe('scheduled');
  }
  expect((await jobs.read(id)).args).toEqual({ name: textOf(BUDGETS.edit - 8) });
  expect(await runsOf(id)).toBeGreaterThan(0);
  await jobs.act(id, { type: 'runNow' });
  await reaches(id, 'done');
});

test('an edit of all jobs of a group is refused, and one of the largest size takes none of the others along', async () => {
  const item = { script: ok, dueAt: FAR_AWAY };
  const id = await world.startGroup([item, item, item]);
  const handle = world.client.workflow.getHandle(id);
  const changes = { args: { name: textOf(BUDGETS.edit) } };
  await expect(handle.executeUpdate(UPDATES.edit, { args: [{ changes }, null] })).rejects.toMatchObject({
    cause: { message: 'edit is for one job: name its number after what it takes' },
  });
  await handle.signal(SIGNALS.edit, { changes }, null);
  await jobs.act(itemId(id, 1), { type: 'edit', changes });
  await jobs.act(itemId(id, 1), { type: 'runNow' });
  for (const number of [0, 2]) {
    expect((await jobs.read(itemId(id, number))).args).toEqual({ name: 'x' });
    await jobs.act(itemId(id, number), { type: 'runNow' });
  }
  for (const number of [0, 1, 2]) await reaches(itemId(id, number), 'done');
});

test('a job that failed often with everything of the largest size can be read and moved', async () => {
  const large: Script = ({ number }) => (number > 12 ? 'x'.repeat(BUDGETS.resultInGroup - 100) : fails());
  const id = await world.start(large, { args: { name: textOf(BUDGETS.arguments) }, retryDelaysMs: [1] });
  const job = await reaches(id, 'done', 30_000);
  expect(job.attempts).toHaveLength(13);
  expect(job.result).toHaveLength(BUDGETS.resultInGroup - 100);
}, 60_000);

/** Pauses it again and again, several times at once, until it is refused. @returns how often it was not */
async function tire(id: string, times: number): Promise<number> {
  const handle = world.client.workflow.getHandle(id);
  let left = times;
  let taken = 0;
  const tireOnce = async (): Promise<boolean> =>
    handle.executeUpdate(UPDATES.pause, { args: [{}] }).then(
      () => true,
      () => false,
    );
  const one = async (): Promise<void> => {
    while (left-- > 0 && (await tireOnce())) taken += 1;
  };
  await Promise.all(Array.from({ length: TEMPORAL_LIMITS.updatesAtOnce - 2 }, one));
  return taken;
}

test('an attempt under way takes so many actions, and then says to try again when it is over', async () => {
  const over = Promise.withResolvers<void>();
  const slow: Script = async ({ number }) => {
    if (number === 1) await over.promise;
    return number === 1 ? fails() : 'ok';
  };
  const id = await world.start(slow, { retryDelaysMs: [3_600_000] });
  await reaches(id, 'running');
  const most = BUDGETS.messagesOfRunCount;
  expect(await tire(id, most + 100)).toBe(most);
  const refused = await jobs.act(id, { type: 'resume' }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(TooManyActionsError);
  expect(refused).toMatchObject({ message: expect.stringContaining('takes no more until that is over') });
  over.resolve();
  await until('it has failed', async () => (await jobs.read(id)).job.attempts[0]?.outcome === 'failed', 20_000);
  expect((await jobs.act(id, { type: 'resume' })).job.state).toBe('retrying');
  await jobs.act(id, { type: 'runNow' });
  await reaches(id, 'done');
}, 90_000);

/** A longer run by hand: `RUNS=50 npx vitest run test/temporal/limits.server.test.ts`. */
const RUNS = Number(process.env['RUNS'] ?? 1);
const JOBS_IN_GROUP = 40;
const JOBS_ALONE = 4;

/** What an attempt does next: the largest of each. */
const BEHAVIOURS: Readonly<Record<string, Script>> = {
  done: () => 'x'.repeat(BUDGETS.resultInGroup - 100),
  'done without its result': () => 'x'.repeat(BUDGETS.resultInGroup + 1),
  fails: () => fails(),
  'is interrupted': () => stopped(),
  'loses its process': () => lost('none'),
  'takes a while': async () => {
    await sleep(300);
    return fails();
  },
};

type Act = readonly [job: number, what: ActionRequest['type']];
const aLife = fc.record({
  // Each attempt of each job in turn, and done at last.
  behaviours: fc.array(fc.array(fc.constantFrom(...Object.keys(BEHAVIOURS)), { maxLength: 6 }), {
    minLength: JOBS_IN_GROUP + JOBS_ALONE,
    maxLength: JOBS_IN_GROUP + JOBS_ALONE,
  }),
  acts: fc.array(
    fc.tuple(
      fc.integer({ min: 0, max: JOBS_IN_GROUP + JOBS_ALONE - 1 }),
      fc.constantFrom<ActionRequest['type']>(
        'edit',
        'edit',
        'pause',
        'resume',
        'runNow',
        'reschedule',
        'discard',
        'retry',
      ),
    ),
    { minLength: 60, maxLength: 120 },
  ),
});

function actionOf(what: ActionRequest['type']): ActionRequest {
  if (what === 'edit') return { type: 'edit', changes: { args: { name: textOf(BUDGETS.edit) } } };
  return what === 'reschedule' ? { type: what, dueAt: new Date(Date.now() + 500).toISOString() } : { type: what };
}

/** Whatever it waits for, a person lets it go on. */
async function bringToItsEnd(id: string): Promise<void> {
  await until(
    `${id} has ended`,
    async () => {
      const { job, actions } = await jobs.read(id);
      const next = (['retry', 'resume', 'runNow'] as const).find(
        (action) => actions.includes(action) && job.state !== 'running',
      );
      if (job.endedAt === null && next) await jobs.act(id, { type: next }).catch(unlessItMovedOn);
      return job.endedAt !== null;
    },
    60_000,
  );
}

/** Between the read and the action the job may have gone on by itself. */
function unlessItMovedOn(error: unknown): void {
  if (!(error instanceof IllegalActionError)) throw error;
}

async function expectToHold({ behaviours, acts }: { behaviours: readonly string[][]; acts: readonly Act[] }) {
  const scripts = behaviours.map((each): Script => {
    const left = [...each];
    return (attempt, signal) => (BEHAVIOURS[left.shift() ?? 'done'] ?? ok)(attempt, signal);
  });
  const args = { name: textOf(BUDGETS.groupArguments / JOBS_IN_GROUP - 400) };
  const [retryDelaysMs, maxAttempts] = [[200, 500], 3];
  const group = await world.startGroup(
    scripts.slice(0, JOBS_IN_GROUP).map((script) => ({ script, args, retryDelaysMs, maxAttempts })),
  );
  const ids = Array.from({ length: JOBS_IN_GROUP }, (_, item) => itemId(group, item));
  for (const script of scripts.slice(JOBS_IN_GROUP))
    ids.push(await world.start(script, { args: { name: textOf(BUDGETS.arguments) }, retryDelaysMs, maxAttempts }));
  for (const [job, what] of acts) await jobs.act(ids[job] ?? '', actionOf(what)).catch(() => undefined);
  for (const id of ids) await bringToItsEnd(id);
  const { client } = world;
  await until(
    'the group has ended',
    async () => (await client.workflow.getHandle(group).describe()).closeTime != null,
    20_000,
  );
  for (const bad of ["ExecutionStatus = 'Terminated'", 'TemporalReportedProblems IS NOT NULL'])
    expect((await client.workflow.count(bad)).count, bad).toBe(0);
}

test('jobs with the largest of everything, in any order, come to their end', async () => {
  await fc.assert(fc.asyncProperty(aLife, expectToHold), { seed: 7, numRuns: RUNS, endOnFailure: true });
}, 600_000);

/** Runs until it is let go. */
function held(): { readonly script: Script; readonly release: () => void } {
  const enough = Promise.withResolvers<void>();
  return {
    async script() {
      await enough.promise;
      return 'ok';
    },
    release: enough.resolve,
  };
}

test('a job that is due does not wait for a slow one because their group’s history is long', async () => {
  const slow = held();
  const later = { script: ok, dueAt: FAR_AWAY };
  const id = await world.startGroup([{ script: slow.script }, later, later]);
  await reaches(itemId(id, 0), 'running');
  const handle = world.client.workflow.getHandle(id);
  for (let n = 0; n < LONG_AFTER_EVENTS / 3; n += 1)
    await handle.executeUpdate(UPDATES.reschedule, { args: [{ dueAt: FAR_AWAY }, 1] });
  expect((await handle.describe()).historyLength).toBeGreaterThan(LONG_AFTER_EVENTS);
  await jobs.act(itemId(id, 1), { type: 'runNow' });
  await jobs.act(itemId(id, 2), { type: 'reschedule', dueAt: new Date(Date.now() + 500).toISOString() });
  for (const item of [1, 2]) await reaches(itemId(id, item), 'done', 5_000);
  expect((await jobs.read(itemId(id, 0))).job.state).toBe('running');
  slow.release();
  await reaches(itemId(id, 0), 'done');
}, 60_000);

test('it leaves as a job of its own where the history has no room for more', async () => {
  const slow = held();
  const large = { script: (() => 'x'.repeat(BUDGETS.resultInGroup - 100)) satisfies Script };
  const size = Math.ceil(BUDGETS.groupHandsOut / BUDGETS.resultInGroup) + 20;
  const later = { script: ok, dueAt: FAR_AWAY };
  const id = await world.startGroup([
    { script: slow.script },
    later,
    later,
    ...Array.from({ length: size }, () => large),
  ]);
  const handle = world.client.workflow.getHandle(id);
  await until(
    'the history is that large',
    async () =>
      ((await handle.describe()).raw.workflowExecutionInfo?.historySizeBytes?.toNumber() ?? 0) > BUDGETS.groupHandsOut,
    60_000,
  );
  await jobs.act(itemId(id, 1), { type: 'runNow' });
  await jobs.act(itemId(id, 2), { type: 'reschedule', dueAt: new Date(Date.now() + 500).toISOString() });
  for (const item of [1, 2]) {
    await reaches(itemId(id, item), 'done', 10_000);
    expect((await jobs.read(itemId(id, item))).workflowId).toBe(itemId(id, item));
  }
  slow.release();
  await reaches(itemId(id, 0), 'done');
  await until('the group has ended', async () => (await handle.describe()).closeTime != null, 20_000);
}, 120_000);

test('actions that wait for a worker are kept as far as the history has room, and then refused', async () => {
  const id = await world.start(ok, { dueAt: FAR_AWAY });
  await reaches(id, 'scheduled');
  await stopWorkers();
  workersAre = 'none';
  const edit = { type: 'edit', changes: { args: { name: textOf(BUDGETS.edit) } } } as const;
  const outcomes = await Promise.allSettled(Array.from({ length: 12 }, async () => jobs.act(id, edit)));
  const kept = outcomes.filter(({ status }) => status === 'fulfilled').length;
  expect(kept).toBeGreaterThanOrEqual(1);
  expect(kept * BUDGETS.edit).toBeLessThanOrEqual(BUDGETS.messagesUnanswered);
  for (const outcome of outcomes)
    if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(TooManyActionsError);
  const { pendingActions } = await jobs.read(id);
  expect(pendingActions).toHaveLength(kept);
}, 60_000);
