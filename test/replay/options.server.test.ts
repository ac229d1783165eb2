/** Options stand in a job's history: to change what a definition or a default says changes nothing of jobs that are open. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { workflowSideActivities } from '../../src/activities/is-attempt-running.ts';
import type { JobView } from '../../src/job/job.ts';
import { connectClient } from '../../src/temporal/connect.ts';
import { createJobs } from '../../src/temporal/create-jobs.ts';
import { asked } from '../support/kinds.ts';
import { scriptedWorld, type ScriptedWorld } from '../support/scripted-world.ts';
import { temporaryHome, type TemporaryHome } from '../support/temporary-home.ts';
import { until } from '../support/until.ts';
import { whileRunning } from '../support/while-running.ts';

const QUEUE = `options-${randomUUID()}`;
/** No worker of another file answers for these workflows, nor does the changed one for others'. */
const TASK_QUEUE = `workflows-${QUEUE}`;
const client = connectClient(loadConfig({ TEMPORAL_ADDRESS: inject('temporalAddress') }).temporal);

/** As the bundle has them, and as they are changed. */
const DEFAULTS = [
  [/const DEFAULT_MAX_ATTEMPTS = \d+;/, 'const DEFAULT_MAX_ATTEMPTS = 1;'],
  [/const DEFAULT_RETRY_DELAYS_MS = \[[^\]]*\]/, 'const DEFAULT_RETRY_DELAYS_MS = [7 * 86400000]'],
  [/timeoutMs: 60 \* 60_?000/, 'timeoutMs: 1'],
] as const;

let home: TemporaryHome;
let connection: NativeConnection;
/** Today's workflows with another default of every option. */
let changed: string;

beforeAll(async () => {
  home = await temporaryHome();
  connection = await NativeConnection.connect({ address: inject('temporalAddress') });
  const code = await readFile(inject('workflowBundlePath'), 'utf8');
  const otherwise = DEFAULTS.reduce((text, [now, then]) => {
    if (!now.test(text)) throw new Error(`the bundle holds nothing like ${String(now)}`);
    return text.replace(now, then);
  }, code);
  changed = join(home.path, 'changed.js');
  await writeFile(changed, otherwise);
});

afterAll(async () => {
  await connection.close();
  await client.connection.close();
  await home[Symbol.asyncDispose]();
});

/** A job that has failed once, as today's workflows see it, and as the changed ones make it out of its history. */
async function beforeAndAfter(start: (world: ScriptedWorld) => Promise<string>): Promise<readonly JobView[]> {
  const workflowBundlePath = inject('workflowBundlePath');
  const world = await scriptedWorld({ client, connection, workflowBundlePath, queue: QUEUE, taskQueue: TASK_QUEUE });
  const { id, before } = await whileRunning(world.workers, async () => {
    const started = await start(world);
    await until('it has failed once', async () => (await world.view(started)).state === 'retrying', 20_000);
    return { id: started, before: await world.view(started) };
  });
  const after = await Worker.create({
    connection,
    taskQueue: TASK_QUEUE,
    workflowBundle: { codePath: changed },
    activities: workflowSideActivities,
    enableNonLocalActivities: false,
  });
  return whileRunning([after], async () => {
    const view = await world.view(id);
    await client.workflow.getHandle(id).terminate('all is seen');
    return [before, view];
  });
}

const failsAtFirst = (): never => {
  throw new Error('no luck');
};

test('an open job that was enqueued with the defaults of its kind goes on as it was', async () => {
  const [before, after] = await beforeAndAfter(async (world) => {
    const id = randomUUID();
    world.script(id, failsAtFirst);
    await createJobs(client, TASK_QUEUE).start(asked({ queue: QUEUE }), { idempotencyKey: id });
    return id;
  });
  expect(after).toEqual(before);
}, 60_000);

test('a job that says nothing of its options goes by the defaults, so a changed one shows', async () => {
  const [before, after] = await beforeAndAfter(async (world) => world.start(failsAtFirst));
  expect(before).toMatchObject({ state: 'retrying', maxAttempts: 25 });
  expect(after).toMatchObject({ state: 'dead', maxAttempts: 1 });
}, 60_000);
