/** Two versions side by side, as in a rolling deploy: an older worker loses nothing of what a newer one, or a newer web, wrote. */
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { Slots } from '../../src/activities/slots.ts';
import { loadConfig } from '../../src/config/config.ts';
import { JobDueAt, JobQueue } from '../../src/contract/search-attributes.ts';
import { GROUP_WORKFLOW, itemId } from '../../src/job/group/groups.ts';
import type { JobRequest } from '../../src/job/job-request.ts';
import { catalogueOf } from '../../src/kinds/catalogue.ts';
import { defineJob, type AnyJob } from '../../src/kinds/define-job.ts';
import { settle } from '../../src/kinds/settle.ts';
import { connectClient } from '../../src/temporal/connect.ts';
import { createJobs } from '../../src/temporal/create-jobs.ts';
import type { Jobs } from '../../src/temporal/jobs.ts';
import { createWorkers } from '../../src/worker/create-workers.ts';
import { inProcessRunners } from '../support/in-process-runners.ts';
import { temporaryHome, type TemporaryHome } from '../support/temporary-home.ts';
import { until } from '../support/until.ts';
import { whileRunning } from '../support/while-running.ts';

/** Of this file alone: what it does to workflow tasks is nobody else's affair. */
const TASK_QUEUE = `versions-${randomUUID()}`;
const QUEUE = `jobs-${randomUUID()}`;
const args = z.strictObject({ n: z.int() });
const known = defineJob('Known', { args, queue: QUEUE, run: ({ n }) => n });
const fresh = defineJob('Fresh', { args, queue: QUEUE, run: ({ n }) => n });

let home: TemporaryHome;
let client: Client;
/** One for each version: the SDK takes one worker of a queue for each. */
let connections: NativeConnection[];
let jobs: Jobs;
let newerBundle: string;

beforeAll(async () => {
  home = await temporaryHome();
  const address = inject('temporalAddress');
  client = connectClient(loadConfig({ TEMPORAL_ADDRESS: address }).temporal);
  connections = [await NativeConnection.connect({ address }), await NativeConnection.connect({ address })];
  jobs = createJobs(client, TASK_QUEUE);
  // The next version, as far as this one can tell: it reads what needs it.
  const today = await readFile(inject('workflowBundlePath'), 'utf8');
  const newer = today.replace('const FORMAT = 1;', 'const FORMAT = 2;');
  if (newer === today) throw new Error('the bundle holds the format in another way than this test knows');
  newerBundle = join(home.path, 'newer.js');
  await writeFile(newerBundle, newer);
});

afterAll(async () => {
  for (const connection of connections) await connection.close();
  await client.connection.close();
  await home[Symbol.asyncDispose]();
});

interface Version {
  readonly bundlePath?: string;
  readonly kinds: readonly AnyJob[];
}

const older: Version = { kinds: [known] };
const newer = (): Version => ({ bundlePath: newerBundle, kinds: [known, fresh] });

async function whileServed<T>(versions: readonly Version[], body: () => Promise<T>): Promise<T> {
  const workers = await Promise.all(
    versions.map(async ({ bundlePath = inject('workflowBundlePath'), kinds }, n) =>
      createWorkers({
        connection: connections[n] as NativeConnection,
        namespace: 'default',
        taskQueue: TASK_QUEUE,
        slots: new Map([[QUEUE, new Slots(10)]]),
        bundlePath,
        shutdownGraceMs: 0,
        activities: {
          runners: inProcessRunners(
            { catalogue: catalogueOf(kinds), world: undefined },
            `version-${n}`,
            pino({ level: 'silent' }),
          ),
          worker: `version-${n}`,
        },
      }),
    ),
  );
  return whileRunning(workers.flat(), body);
}

function asked(job: AnyJob, n: number): JobRequest {
  return settle(job, { kind: job.kind, args: { n } });
}

/** As a newer version would start it, past our client. */
async function startRaw(type: string, workflowId: string, input: object): Promise<string> {
  await client.workflow.start(type, {
    workflowId,
    taskQueue: TASK_QUEUE,
    args: [input],
    typedSearchAttributes: [
      { key: JobQueue, value: QUEUE },
      { key: JobDueAt, value: new Date() },
    ],
  });
  return workflowId;
}

const view = async (id: string) => (await jobs.read(id)).job;
const isDone = async (id: string): Promise<boolean> => (await view(id)).state === 'done';

test('a kind that the only worker does not know waits, alone and in a group, and runs when a worker has it', async () => {
  const ids = await whileServed([older], async () => {
    const alone = await jobs.start(asked(fresh, 1));
    const together = await jobs.startAll([fresh, known, fresh, fresh].map((job, n) => ({ request: asked(job, n) })));
    const all = [alone, ...together.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : undefined))];
    const [first, one, ofToday, ...others] = all.map((started) => started?.job.id ?? '');
    await until('what the worker knows is done', async () => isDone(ofToday ?? ''), 20_000);
    const waiting = [first, one, ...others].map((id) => id ?? '');
    for (const id of waiting)
      await until('it was given back twice', async () => ((await view(id)).givenBack?.times ?? 0) >= 2, 20_000);
    for (const id of waiting)
      expect(await view(id)).toMatchObject({
        state: 'scheduled',
        error: null,
        attempts: [],
        givenBack: { why: 'unknownKind', worker: 'version-0' },
      });
    return waiting;
  });
  // During the deploy both serve the queue: the older one may get it again, and gives it back again.
  await whileServed([older, newer()], async () => {
    for (const id of ids) await until('it is done', async () => isDone(id), 60_000);
  });
  for (const id of ids) expect(await view(id)).toMatchObject({ givenBack: null, attempts: [{ number: 1 }] });
}, 120_000);

test('what only a newer version can read waits for one: a job, a group, an item and a message', async () => {
  const input = { args: { n: 1 }, queue: QUEUE };
  const group = `group-${randomUUID()}`;
  const other = `group-${randomUUID()}`;
  const message = randomUUID();
  const ids = [randomUUID(), itemId(group, 0), itemId(other, 0), message];
  await whileServed([older], async () => {
    await startRaw('Known', ids[0] ?? '', { ...input, needs: 2 });
    await startRaw(GROUP_WORKFLOW, group, { queue: QUEUE, needs: 2, items: [{ kind: 'Known', args: { n: 1 } }] });
    await startRaw(GROUP_WORKFLOW, other, { queue: QUEUE, items: [{ kind: 'Known', args: { n: 1 }, needs: 2 }] });
    await startRaw('Known', message, { ...input, delayMs: 3_600_000 });
    await until('it is there', async () => (await view(message)).state === 'scheduled', 10_000);
    await client.workflow.getHandle(message).signal('runNow', { needs: 2 });
    for (const id of ids) await until('its workflow task fails', async () => taskFailed(id), 20_000);
    for (const id of ids) expect((await view(id)).state).toMatch(/scheduled|queued/);
    // An update is answered, so nothing has to wait for it.
    const update = client.workflow.getHandle(await startRaw('Known', randomUUID(), { ...input, delayMs: 3_600_000 }));
    await expect(update.executeUpdate('pause', { args: [{ needs: 2 }] })).rejects.toMatchObject({
      cause: { type: 'JobNeedsNewerWorker' },
    });
    await update.cancel();
  });
  await whileServed([newer()], async () => {
    for (const id of ids) await until('it is done', async () => isDone(id), 90_000);
  });
}, 150_000);

async function taskFailed(id: string): Promise<boolean> {
  const { workflowId } = await jobs.read(id);
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).some(({ workflowTaskFailedEventAttributes: failed }) =>
    failed?.failure?.message?.includes('needs a newer worker'),
  );
}
