/**
 * The parent of worker processes. It runs no job code, so what kills jobs does not kill it. When a worker dies, it tells Temporal
 * at once which attempts died with it, and starts another.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { Environment } from '../config.ts';
import { AttemptsInHand, failLostAttempts } from './lost-attempts.ts';
import type { FromWorker, ToWorker, WorkerAssignment } from './keeper-messages.ts';

/** A process that died younger than this may die again at once: the next one waits. @format milliseconds */
const TOO_YOUNG_TO_DIE_MS = 1_000;
/** A start takes the CPU that the others need to take over what was lost; without it they are back half as fast. @format milliseconds */
const OTHERS_FIRST_MS = 250;
/** Beyond the grace time: for cancelled attempts to end and the process to leave. @format milliseconds */
const LEAVE_WITHIN_MS = 7_000;

export interface KeeperOptions {
  /** Module that a worker process runs; in development TypeScript as it is. */
  readonly entry: string;
  /** Environment of the worker processes. */
  readonly environment: Environment;
  readonly assignment: WorkerAssignment;
  readonly processes: number;
  /** @format milliseconds */
  readonly shutdownGraceMs: number;
  readonly client: Client;
  readonly log: Logger;
  /** The first asks for an orderly stop, the second to stop at once. */
  readonly stop: { readonly first: AbortSignal; readonly second: AbortSignal };
}

/** Runs until stopped and every worker process has left. */
export async function runKeeper(options: KeeperOptions): Promise<void> {
  // Connected in good time: the first report must not wait for a handshake.
  void options.client.connection.ensureConnected().catch(() => undefined);
  await Promise.all(Array.from({ length: options.processes }, () => keepOne(options)));
}

/** Keeps one worker process alive. */
async function keepOne(options: KeeperOptions): Promise<void> {
  const { stop, log } = options;
  while (!stop.first.aborted) {
    const bornAt = Date.now();
    const child = startWorker(options);
    const inHand = new AttemptsInHand();
    child.on('message', (message) => inHand.hear(message as FromWorker));
    const how = await leave(child, options);
    if (stop.first.aborted) return;
    const pid = child.pid ?? 0;
    log.warn({ event: 'worker.lost', pid, how }, `worker ${pid} ${how}; starting another`);
    // Not awaited: the next process need not wait until Temporal knows of the last one's end.
    void reportLost(options, inHand, pid, how);
    const age = Date.now() - bornAt;
    if (age < TOO_YOUNG_TO_DIE_MS) await sleep(TOO_YOUNG_TO_DIE_MS - age);
    else if (options.processes > 1) await sleep(OTHERS_FIRST_MS);
  }
}

/** Node's own way with TypeScript starts a process in half the time that a loader takes. Newer versions need not be told. */
const STRIP_TYPES = ['--experimental-strip-types', '--disable-warning=ExperimentalWarning'];
/**
 * Left to itself, Node lets each of a worker's threads keep far more garbage than it has data: 16 MB of young objects, and up to
 * four times what is alive of old ones. With 100,000 sleeping jobs that was 770 MB instead of 500 (Node 24).
 */
const LITTLE_GARBAGE = ['--max-semi-space-size=4', '--heap-growing-percent=50'];

function startWorker({ entry, assignment, environment }: KeeperOptions): ChildProcess {
  const execArgv = [...LITTLE_GARBAGE, ...(entry.endsWith('.ts') ? STRIP_TYPES : [])];
  return fork(entry, [JSON.stringify(assignment)], { execArgv, env: { ...environment } });
}

/** Waits until the process has left and its last message has been read. @returns how it went, in words */
async function leave(child: ChildProcess, options: KeeperOptions): Promise<string> {
  const { stop, shutdownGraceMs } = options;
  const exited = Promise.all([once(child, 'exit'), child.connected ? once(child, 'disconnect') : undefined]);
  const onFirst = (): void => {
    const message: ToWorker = { type: 'stop' };
    if (child.connected) child.send(message);
    setTimeout(onSecond, shutdownGraceMs + LEAVE_WITHIN_MS).unref();
  };
  const onSecond = (): void => void child.kill('SIGKILL');
  stop.first.addEventListener('abort', onFirst, { once: true });
  stop.second.addEventListener('abort', onSecond, { once: true });
  try {
    await exited;
  } finally {
    stop.first.removeEventListener('abort', onFirst);
    stop.second.removeEventListener('abort', onSecond);
  }
  return child.signalCode ? `was killed by ${child.signalCode}` : `exited with code ${child.exitCode}`;
}

async function reportLost(
  { client, log }: KeeperOptions,
  inHand: AttemptsInHand,
  pid: number,
  how: string,
): Promise<void> {
  if (inHand.all.size === 0) return;
  try {
    const attempts = await failLostAttempts(client, inHand, how);
    if (attempts > 0)
      log.info({ event: 'attempts.lost', pid, attempts }, `attempts of worker ${pid} run again: ${attempts}`);
  } catch (error) {
    log.warn({ event: 'attempts.unreported', pid }, `Temporal was not told, heartbeats have to: ${String(error)}`);
  }
}
