/**
 * A setting of the dev server that is misspelt is ignored without a word, so each is shown to be known, or by its effect: the
 * server with all settings against one that lacks just that one. What they are worth in time is `bench/dev-server`'s.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { open, readdir, readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { Client, type Connection } from '@temporalio/client';
import { expect, inject, test } from 'vitest';
import { SEARCH_ATTRIBUTE_CLI_TYPE, SEARCH_ATTRIBUTES } from '../../src/contract/search-attributes.ts';
import { devServerArguments } from '../../src/dev/dev-server.ts';
import { prepareForeignNamespace } from '../../src/dev/namespaces.ts';
import { isListening } from '../../src/dev/ports.ts';
import type { TemporalCli } from '../../src/dev/temporal-cli.ts';
import { waitForTemporal } from '../../src/dev/wait-for-temporal.ts';
import { startAlteredDevServer, startDevServerWithout, type AlteredDevServer } from '../support/altered-dev-server.ts';
import { freePort } from '../support/free-port.ts';

const cli = (): TemporalCli => ({ path: inject('temporalCli'), version: inject('temporalCliVersion') });

test('every dynamic setting is one that this server knows', async () => {
  const names = devServerArguments({ cli: cli(), home: '', port: 0 }).flatMap(
    (argument) => /^--dynamic-config-value=([^=]+)=/.exec(argument)?.[1] ?? [],
  );
  expect(names.length).toBeGreaterThan(0);
  // The server looks its settings up by names that stand in its program; one that does not is never looked up.
  const program = await readFile(cli().path);
  expect(names.filter((name) => !program.includes(name))).toEqual([]);
  expect(program.includes(`${names[0]}s`)).toBe(false);
});

test('journal_mode=wal: the database is written ahead into a log of its own', async () => {
  await using tuned = await startAlteredDevServer(cli());
  expect(await journalVersion(tuned)).toBe(2);
  expect(await readdir(join(tuned.databaseFile, '..'))).toContain(`${tuned.databaseFile.split('/').at(-1)}-wal`);
  await using stock = await startDevServerWithout(cli(), '--sqlite-pragma=journal_mode=');
  expect(await journalVersion(stock)).toBe(1);
});

/** Byte 18 of an SQLite file, its "write version": 1 is a rollback journal, 2 a write-ahead log. */
async function journalVersion({ databaseFile }: AlteredDevServer): Promise<number> {
  await using file = await open(databaseFile);
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, 18);
  return buffer.readUInt8();
}

// Only Linux shows what a process is waiting for.
test.runIf(process.platform === 'linux')(
  'synchronous=full: every start is on the disk before it is acknowledged',
  async () => {
    // A sync may be too quick to be seen, the more so on a busy machine, so as many starts are made as it takes to see some.
    await using tuned = await startAlteredDevServer(cli());
    const starts = await startsUntilSeenInSync(tuned, 30);
    // With `normal`, or any misspelt value, the log reaches the disk at about every tenth start; `full` is SQLite's own default.
    await using normal = await startAlteredDevServer(cli(), (argument) => [
      argument.replace('synchronous=full', 'synchronous=normal'),
    ]);
    let nowAndThen = 0;
    for await (const seen of startsSeenInSync(normal, starts)) nowAndThen += seen ? 1 : 0;
    expect(nowAndThen).toBeLessThan(15);
  },
  60_000,
);

async function startsUntilSeenInSync(server: AlteredDevServer, wanted: number): Promise<number> {
  let starts = 0;
  let inSync = 0;
  for await (const seen of startsSeenInSync(server)) {
    starts++;
    if (seen && ++inSync === wanted) break;
  }
  return starts;
}

/** Starts workflows one after the other; of each, whether a thread of the server was seen in `fsync` before the answer. */
async function* startsSeenInSync(server: AlteredDevServer, atMost = Infinity): AsyncGenerator<boolean> {
  const client = new Client({ connection: server.connection });
  for (let start = 0; start < atMost; start++) {
    const answer = client.workflow.start('nobody', { taskQueue: 'nobody', workflowId: `start-${start}` });
    yield await isSeenInSync(server.pid, answer);
  }
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
  await using bare = await startAlteredDevServer(cli(), (argument) =>
    argument.startsWith('--search-attribute') ? [] : [argument],
  );
  expect(await registered(bare.connection)).toEqual({});
  await prepareForeignNamespace(bare.connection, 'default');
  await prepareForeignNamespace(bare.connection, 'default');

  await using started = await startAlteredDevServer(cli());
  const wanted = Object.fromEntries(SEARCH_ATTRIBUTES.map(({ name, type }) => [name, SEARCH_ATTRIBUTE_CLI_TYPE[type]]));
  expect(await registered(bare.connection)).toEqual(wanted);
  expect(await registered(started.connection)).toEqual(wanted);
});

test('what cannot be registered is named, with the command that does it', async () => {
  await using connection = await connect();
  await expect(prepareForeignNamespace(connection.value, 'nowhere')).rejects.toThrow(
    /Namespace nowhere[^]*JobQueue, JobDueAt[^]*temporal operator search-attribute create --namespace nowhere --name JobQueue --type Keyword/,
  );
});

test('only this machine reaches it', async () => {
  await using server = await startAlteredDevServer(cli());
  const others = Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address),
  );
  expect(await isListening(`127.0.0.1:${server.port}`, 1_000)).toBe(true);
  // A server on 0.0.0.0 would answer at Linux's other loopback addresses too; a machine without a network has no more.
  if (process.platform === 'linux') others.push('127.0.0.2');
  for (const address of others) expect(await isListening(`${address}:${server.port}`, 1_000)).toBe(false);
});

test('no page that a browser shows can use its HTTP API', async () => {
  const tunedApi = await freePort();
  await using _tuned = await startAlteredDevServer(cli(), (argument) => withHttpPort(argument, tunedApi));
  for (const host of [
    `127.0.0.1:${tunedApi}`,
    `localhost:${tunedApi}`,
    'rebound.example',
    `evil.localhost:${tunedApi}`,
  ])
    expect(await startsByHttp(tunedApi, host)).toBe(403);

  const stockApi = await freePort();
  await using _stock = await startAlteredDevServer(cli(), (argument) =>
    argument.startsWith('--dynamic-config-value=frontend.httpAllowedHosts=') ? [] : withHttpPort(argument, stockApi),
  );
  expect(await startsByHttp(stockApi, `127.0.0.1:${stockApi}`)).toBe(200);
});

/** Where the API listens; left out, the server picks a port. */
function withHttpPort(argument: string, port: number): string[] {
  return argument === '--headless' ? [argument, `--http-port=${port}`] : [argument];
}

/** Starts a workflow as a page of any site can, without the browser asking first. `host` is what stands in its address bar. @returns the status */
async function startsByHttp(port: number, host: string): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const path = '/api/v1/namespaces/default/workflows/of-a-page';
  const headers = { Host: host, Origin: 'https://evil.example', 'Content-Type': 'text/plain' };
  const asked = request({ host: '127.0.0.1', port, method: 'POST', path, headers }, (response) => {
    response.resume();
    resolve(response.statusCode);
  });
  asked.on('error', reject);
  asked.end(JSON.stringify({ workflowType: { name: 'nobody' }, taskQueue: { name: 'nobody' } }));
  return promise;
}

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
