/**
 * A setting of the dev server that is misspelt is ignored without a word, so each is shown by its effect: the server with
 * all settings against one that lacks just that one. Paces are compared as ratios within one run; the bounds leave room
 * for a busy machine (measured ratios stand beside them).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, open, readdir } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, type Connection } from '@temporalio/client';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkflowBundle,
} from '@temporalio/worker';
import { beforeAll, expect, inject, test } from 'vitest';
import { SEARCH_ATTRIBUTE_CLI_TYPE, SEARCH_ATTRIBUTES } from '../../src/contract/search-attributes.ts';
import { devServerArguments } from '../../src/dev/dev-server.ts';
import { isListening } from '../../src/dev/ports.ts';
import { ensureSearchAttributes, waitForTemporal } from '../../src/dev/prepare-namespace.ts';
import { freePort } from '../support/free-port.ts';
import { temporaryHome } from '../support/temporary-home.ts';

interface Server extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
  readonly databaseFile: string;
  readonly connection: Connection;
}

/** Not the system's temporary folder, which may be memory, where nothing is ever written to a disk. */
const DISK = fileURLToPath(new URL('../../.holdfast/', import.meta.url));

/** A dev server as Holdfast starts it, but for the arguments that `change` alters; nothing is prepared on it. */
async function startServer(change: (argument: string) => string | undefined = (argument) => argument): Promise<Server> {
  await mkdir(DISK, { recursive: true });
  const home = await temporaryHome(DISK);
  const port = await freePort();
  const cli = { path: inject('temporalCli'), version: inject('temporalCliVersion') };
  const all = devServerArguments({ cli, home: home.path, port });
  const changed = all.flatMap((argument) => change(argument) ?? []);
  const child = spawn(cli.path, changed, { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const connection = await waitForTemporal({ address: `127.0.0.1:${port}` }, 20_000);
  return {
    pid: child.pid ?? 0,
    port,
    databaseFile: join(home.path, `temporal-${cli.version}.db`),
    connection,
    async [Symbol.asyncDispose]() {
      await connection.close();
      child.kill('SIGKILL');
      await ended;
      await home[Symbol.asyncDispose]();
    },
  };
}

/** A server without the one argument that begins like this; fails when there is none, for then nothing would be shown. */
async function startServerWithout(beginning: string): Promise<Server> {
  let removed = 0;
  const server = await startServer((argument) => {
    if (!argument.startsWith(beginning)) return argument;
    removed++;
    return undefined;
  });
  expect(removed).toBe(1);
  return server;
}

let bundle: WorkflowBundle;
beforeAll(async () => {
  const workflowsPath = fileURLToPath(new URL('workflows/latency.ts', import.meta.url));
  const logger = new DefaultLogger('WARN');
  Runtime.install({ logger });
  bundle = await bundleWorkflowCode({ workflowsPath, logger });
});

/** How long this workflow takes at its fastest, since other work on the machine only slows it. The first time uses up the burst that rate limits allow. */
async function paceMs(server: Server, workflow: string, ...args: number[]): Promise<number> {
  const connection = await NativeConnection.connect({ address: `127.0.0.1:${server.port}` });
  try {
    const activities = { async nothing() {} };
    const worker = await Worker.create({ connection, taskQueue: 'pace', workflowBundle: bundle, activities });
    const client = new Client({ connection: server.connection });
    const run = async (workflowId: string): Promise<number> => {
      const start = performance.now();
      await client.workflow.execute(workflow, { taskQueue: 'pace', workflowId, args });
      return performance.now() - start;
    };
    return await worker.runUntil(async () => {
      await run('warm-up');
      return Math.min(await run('measured'), await run('measured-again'));
    });
  } finally {
    await connection.close();
  }
}

test.each([
  // 40 activities in a row: 0.5 s against 2.0 s.
  { setting: 'history.transferProcessorMaxPollRPS', workflow: 'hops', args: [40], atLeast: 2.5 },
  // 15 timers of 30 ms in a row: 0.7 s against 2.8–3.1 s.
  { setting: 'history.timerProcessorMaxPollRPS', workflow: 'naps', args: [15, 30], atLeast: 1.6 },
  // 3 timers of 30 ms in a row: 0.14 s against 3.0 s.
  { setting: 'history.timerProcessorMaxTimeShift', workflow: 'naps', args: [3, 30], atLeast: 5 },
])(
  '$setting: without it, the same work takes more than $atLeast times as long',
  async ({ setting, workflow, args, atLeast }) => {
    await using tuned = await startServer();
    const withAll = await paceMs(tuned, workflow, ...args);
    await using stock = await startServerWithout(`--dynamic-config-value=${setting}=`);
    const without = await paceMs(stock, workflow, ...args);
    expect(without / withAll).toBeGreaterThan(atLeast);
  },
);

test('journal_mode=wal: the database is written ahead into a log of its own', async () => {
  await using tuned = await startServer();
  expect(await journalVersion(tuned)).toBe(2);
  expect(await readdir(join(tuned.databaseFile, '..'))).toContain(`${tuned.databaseFile.split('/').at(-1)}-wal`);
  await using stock = await startServerWithout('--sqlite-pragma=journal_mode=');
  expect(await journalVersion(stock)).toBe(1);
});

/** Byte 18 of an SQLite file, its "write version": 1 is a rollback journal, 2 a write-ahead log. */
async function journalVersion({ databaseFile }: Server): Promise<number> {
  await using file = await open(databaseFile);
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, 18);
  return buffer.readUInt8();
}

// Only Linux shows what a process is waiting for.
test.runIf(process.platform === 'linux')(
  'synchronous=full: every start is on the disk before it is acknowledged',
  async () => {
    await using tuned = await startServer();
    const full = await shareOfStartsWithSync(tuned);
    // With `normal`, or any misspelt value, the log reaches the disk only now and then; `full` is SQLite's own default.
    await using normal = await startServer((argument) => argument.replace('synchronous=full', 'synchronous=normal'));
    const nowAndThen = await shareOfStartsWithSync(normal);
    // Measured 0.94–1 against 0.09. What is missing was too quick to be seen, and on a busy machine more is.
    expect(full).toBeGreaterThan(0.3);
    expect(full).toBeGreaterThan(3 * nowAndThen);
  },
);

/** Of 100 workflow starts one after the other, the share in which a thread of the server was seen in `fsync` before the answer. */
async function shareOfStartsWithSync(server: Server): Promise<number> {
  const client = new Client({ connection: server.connection });
  let seen = 0;
  for (let start = 0; start < 100; start++) {
    const answer = client.workflow.start('nobody', { taskQueue: 'nobody', workflowId: `start-${start}` });
    if (await isSeenInSync(server.pid, answer)) seen++;
  }
  return seen / 100;
}

async function isSeenInSync(pid: number, answer: Promise<unknown>): Promise<boolean> {
  const answered = new AbortController();
  const done = answer.finally(() => answered.abort());
  let seen = false;
  while (!answered.signal.aborted) {
    // Synchronous: a sync takes a fraction of a millisecond, so it is seen only by looking often.
    seen ||= readdirSync(`/proc/${pid}/task`).some((thread) => SYNC_CALLS.includes(currentCall(pid, thread)));
    await new Promise(setImmediate);
  }
  await done;
  return seen;
}

/** Numbers of `fsync` and `fdatasync`. */
const SYNC_CALLS = process.arch === 'x64' ? ['74', '75'] : ['82', '83'];

function currentCall(pid: number, thread: string): string {
  try {
    return readFileSync(`/proc/${pid}/task/${thread}/syscall`, 'utf8').split(' ', 1)[0] ?? '';
  } catch (error) {
    // A thread may end while we look; that we may not look would make the test worthless.
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return '';
    throw error;
  }
}

test('finished jobs are kept for 30 days', async () => {
  await using connection = await connect();
  const { config } = await connection.value.workflowService.describeNamespace({ namespace: 'default' });
  expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 24 * 60 * 60);
});

test('the search attributes are registered, by the server itself or on one that lacks them', async () => {
  await using bare = await startServer((argument) =>
    argument.startsWith('--search-attribute') ? undefined : argument,
  );
  expect(await registered(bare.connection)).toEqual({});
  await ensureSearchAttributes(bare.connection, 'default');
  await ensureSearchAttributes(bare.connection, 'default');

  await using started = await startServer();
  const wanted = Object.fromEntries(SEARCH_ATTRIBUTES.map(({ name, type }) => [name, SEARCH_ATTRIBUTE_CLI_TYPE[type]]));
  expect(await registered(bare.connection)).toEqual(wanted);
  expect(await registered(started.connection)).toEqual(wanted);
});

test('what cannot be registered is named, with the command that does it', async () => {
  await using connection = await connect();
  await expect(ensureSearchAttributes(connection.value, 'nowhere')).rejects.toThrow(
    /Namespace nowhere[^]*JobQueue, JobDueAt[^]*temporal operator search-attribute create --namespace nowhere --name JobQueue --type Keyword/,
  );
});

test('only this machine reaches it', async () => {
  await using server = await startServer();
  const others = Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address),
  );
  expect(await isListening(`127.0.0.1:${server.port}`, 1_000)).toBe(true);
  // A server on 0.0.0.0 would answer at Linux's other loopback addresses too; a machine without a network has no more.
  if (process.platform === 'linux') others.push('127.0.0.2');
  for (const address of others) expect(await isListening(`${address}:${server.port}`, 1_000)).toBe(false);
});

async function connect(): Promise<AsyncDisposable & { readonly value: Connection }> {
  const value = await waitForTemporal({ address: inject('temporalAddress') }, 5_000);
  return { value, [Symbol.asyncDispose]: () => value.close() };
}

/** Ours among the registered ones, with the names that the CLI has for their types. */
async function registered(connection: Connection): Promise<Record<string, string>> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
  const names: Record<number, string> = { 2: 'Keyword', 6: 'Datetime' };
  const ours = Object.entries(customAttributes).filter(([name]) => name.startsWith('Job'));
  return Object.fromEntries(ours.map(([name, type]) => [name, names[type] ?? String(type)]));
}
