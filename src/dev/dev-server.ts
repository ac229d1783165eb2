/** Temporal's dev server with the settings that make it durable and fast. A misspelt one is ignored without a word: `test/dev/dev-server-settings.server.test.ts` shows that each is taken, and `bench/dev-server` what it is worth. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile, rename, type FileHandle } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { SEARCH_ATTRIBUTE_CLI_TYPE, SEARCH_ATTRIBUTES } from '../contract/search-attributes.ts';
import { MachineError } from '../process/errors.ts';
import { writePidFile } from '../process/pid-files.ts';
import { processIdentity } from '../process/process-identity.ts';
import { prepareOwnNamespace } from './namespaces.ts';
import { isPortFree } from './ports.ts';
import type { TemporalCli } from './temporal-cli.ts';
import { waitForTemporal } from './wait-for-temporal.ts';

export interface DevServerOptions {
  readonly cli: TemporalCli;
  /** Folder of the database file; made when missing. */
  readonly home: string;
  readonly port: number;
  /** Port of the Web UI. @default no Web UI */
  readonly uiPort?: number;
  /** Registered next to `default`, which always exists. @default default */
  readonly namespace?: string;
  /** In a process group of its own a terminal's Ctrl-C does not reach the server, so that its parent decides when it stops. @default false */
  readonly ownProcessGroup?: boolean;
}

export interface DevServer {
  readonly pid: number;
  /** Resolves with how it ended: `exited with code 1`, `was killed by SIGKILL`. */
  readonly ended: Promise<string>;
  readonly address: string;
  readonly databaseFile: string;
  /** What this server says; beside it, ending in `.previous`, what the one before it said. */
  readonly logFile: string;
  /** SIGTERM, and SIGKILL when it has not gone after `graceMs`. Safe to call twice. @default 5000 */
  stop(graceMs?: number): Promise<void>;
}

const HOST = '127.0.0.1';
const START_DEADLINE_MS = 30_000;

export function devServerArguments(options: DevServerOptions): string[] {
  return [
    'server',
    'start-dev',
    `--ip=${HOST}`,
    `--port=${options.port}`,
    options.uiPort === undefined ? '--headless' : `--ui-port=${options.uiPort}`,
    `--namespace=${options.namespace ?? 'default'}`,
    '--log-level=warn',
    // Alone, in the folder that the server is started in: in a path it would take `?`, `#` and `%` for parts of a URL.
    `--db-filename=${basename(databaseFile(options))}`,
    // WAL alone may lose the last commits on a power cut; with full synchronisation an acknowledged job is on the disk.
    '--sqlite-pragma=journal_mode=wal',
    '--sqlite-pragma=synchronous=full',
    // Stock, the one shard reads its queues 20 times a second and rounds every timer up to a second.
    '--dynamic-config-value=history.transferProcessorMaxPollRPS=200',
    '--dynamic-config-value=history.timerProcessorMaxPollRPS=200',
    '--dynamic-config-value=history.timerProcessorMaxTimeShift="20ms"',
    // Stock, five.
    '--dynamic-config-value=system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=3',
    // Stock, a task queue has four parts, and a worker that asks one of them does not get the more urgent task of another.
    '--dynamic-config-value=matching.numTaskqueueReadPartitions=1',
    '--dynamic-config-value=matching.numTaskqueueWritePartitions=1',
    // Its HTTP API cannot be switched off, and asks for nothing that a page of any site could not send. No browser can be led to this
    // name, which never resolves (RFC 6761); programs use gRPC.
    '--dynamic-config-value=frontend.httpAllowedHosts=["nobody.invalid"]',
    ...SEARCH_ATTRIBUTES.map((key) => `--search-attribute=${key.name}=${SEARCH_ATTRIBUTE_CLI_TYPE[key.type]}`),
  ];
}

/** It picks ports for its parts by itself, which another program may take first. */
const TRIES = 3;

class EndedWhileStarting extends MachineError {}

/** @throws {MachineError} when it ends, or does not answer, before it is ready; nothing is left running then */
export async function startDevServer(options: DevServerOptions): Promise<DevServer> {
  for (let tries = 1; ; tries += 1)
    try {
      return await startOnce(options);
    } catch (error) {
      if (!(error instanceof EndedWhileStarting) || tries === TRIES) throw error;
    }
}

async function startOnce(options: DevServerOptions): Promise<DevServer> {
  // Without this check the health check below would be answered by the program that holds the port.
  if (!(await isPortFree(options.port)))
    throw new MachineError(`Port ${options.port} is in use, so the Temporal dev server cannot start on it.`);
  await mkdir(options.home, { recursive: true });
  const logFile = join(options.home, 'temporal.log');
  await using log = await newLog(logFile);
  // Nothing may be awaited between here and `endOf`: a server that ends at once would have ended unheard.
  const child = spawnLoggingTo(log, options);
  const pid = child.pid;
  if (pid === undefined) {
    const [error] = await once(child, 'error');
    throw new MachineError(`${options.cli.path} cannot be run: ${String(error)}`);
  }
  // Written before it is ready: the process that starts this one may be killed meanwhile.
  const pidFile = notePid(options.home, pid);
  const ended = endOf(child).finally(() => pidFile?.[Symbol.dispose]());
  const server: DevServer = {
    pid,
    ended,
    address: `${HOST}:${options.port}`,
    databaseFile: databaseFile(options),
    logFile,
    stop: (graceMs = 5_000) => stop(child, ended, graceMs),
  };

  const giveUp = new AbortController();
  const ready = makeReady(server.address, options.namespace ?? 'default', giveUp.signal);
  try {
    const how = await Promise.race([ended, ready]);
    if (how === undefined) return server;
    // Its last words are what matters; before them are kilobytes of the way that led there.
    const lastWords = (await readFile(logFile, 'utf8')).trim().slice(-500);
    throw new EndedWhileStarting(
      `The Temporal dev server on port ${options.port} ${how} while starting. It said (all of it is in ${logFile}):\n… ${lastWords}`,
    );
  } catch (error) {
    giveUp.abort();
    await server.stop();
    throw error;
  }
}

/** @returns nothing for a process that has ended already, which says so by itself */
function notePid(home: string, pid: number): Disposable | undefined {
  try {
    return writePidFile(home, 'temporal', pid);
  } catch (error) {
    if (processIdentity(pid) === undefined) return undefined;
    throw error;
  }
}

async function makeReady(address: string, namespace: string, signal: AbortSignal): Promise<void> {
  const connection = await waitForTemporal({ address }, START_DEADLINE_MS, signal);
  try {
    await prepareOwnNamespace(connection, namespace);
  } finally {
    await connection.close();
  }
}

async function newLog(logFile: string): Promise<FileHandle> {
  // What the server said before it died is worth a look after it was started again.
  await rename(logFile, `${logFile}.previous`).catch(() => {});
  return open(logFile, 'a');
}

/** Into a file, not a pipe: were its parent killed, the server would die of its next line into a pipe that nobody reads. */
function spawnLoggingTo(log: FileHandle, options: DevServerOptions): ChildProcess {
  return spawn(options.cli.path, devServerArguments(options), {
    cwd: options.home,
    detached: options.ownProcessGroup ?? false,
    stdio: ['ignore', log.fd, log.fd],
  });
}

async function endOf(child: ChildProcess): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  child.once('exit', (code, signal) =>
    resolve(signal === null ? `exited with code ${code}` : `was killed by ${signal}`),
  );
  return promise;
}

async function stop(child: ChildProcess, ended: Promise<string>, graceMs: number): Promise<void> {
  const force = setTimeout(() => child.kill('SIGKILL'), graceMs);
  child.kill('SIGTERM');
  await ended;
  clearTimeout(force);
}

function databaseFile({ home, cli }: DevServerOptions): string {
  return join(home, `temporal-${cli.version}.db`);
}
