/** What Holdfast needs from a Temporal namespace before it can run: an answer, the search attributes and, on our dev server, retention. */
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { msToTs, optionalTsToMs } from '@temporalio/common/lib/time.js';
import type { TemporalConnection } from '../config/config.ts';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.ts';
import { missingSearchAttributes, registerByHand, registerSearchAttributes } from '../temporal/prepare-namespace.ts';
import { MachineError } from '../process/errors.ts';
import { isListening } from './ports.ts';

/** The dev server's own default is 24 hours, after which finished jobs vanish and an `Idempotency-Key` is forgotten. */
const RETENTION_MS = 30 * 24 * 60 * 60 * 1_000;

const PROBE_TIMEOUT_MS = 2_000;

const EAGER_CHANNEL = {
  // gRPC waits a second after a refused connection, and shares that wait between connections to one address.
  'grpc.use_local_subchannel_pool': 1,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.enable_http_proxy': 0,
};

/** Connects as soon as the server answers a health check. @throws {MachineError} after `deadlineMs` */
export async function waitForTemporal(
  options: ConnectionOptions,
  deadlineMs: number,
  signal?: AbortSignal,
): Promise<Connection> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await connectToTemporal(options, Math.max(250, Math.min(2_000, deadline - Date.now())));
    } catch (error) {
      if (Date.now() >= deadline)
        throw new MachineError(
          `Temporal at ${options.address} did not answer within ${deadlineMs / 1_000} s: ${String(error)}`,
          { cause: error },
        );
      await delay(50);
    }
  }
}

/** @returns undefined when no Temporal server answers there in time */
export async function probeTemporal({
  proxy,
  address,
  connection,
}: TemporalConnection): Promise<Connection | undefined> {
  // gRPC goes on trying to the end of its time where a bare connection is refused at once.
  if (!(await isListening(proxy?.address ?? address, PROBE_TIMEOUT_MS))) return undefined;
  return connectToTemporal(connection, PROBE_TIMEOUT_MS).catch(() => undefined);
}

async function connectToTemporal(options: ConnectionOptions, timeoutMs: number): Promise<Connection> {
  // Eager connecting asks the server for its capabilities: an open port that is not Temporal's fails here.
  return Connection.connect({
    ...options,
    connectTimeout: timeoutMs,
    channelArgs: { ...EAGER_CHANNEL, ...options.channelArgs },
  });
}

/** For a server that we started: search attributes, and finished jobs kept for 30 days. */
export async function prepareNamespace(connection: Connection, namespace: string): Promise<void> {
  await untilAccepted(() => setRetention(connection, namespace));
  await untilAccepted(() => ensureSearchAttributes(connection, namespace));
}

/**
 * Registers what is missing.
 * @throws {MachineError} naming what is missing and how to register it, when this client may not (on Temporal Cloud, say)
 */
export async function ensureSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const client = new Client({ connection, namespace });
  let missing: Awaited<ReturnType<typeof missingSearchAttributes>> = [...SEARCH_ATTRIBUTES];
  try {
    missing = await missingSearchAttributes(client);
    await registerSearchAttributes(client, missing);
  } catch (error) {
    throw new MachineError(
      `Namespace ${namespace} may lack these search attributes, and they could not be registered (${String(error)}): ` +
        `${missing.map(({ name }) => name).join(', ')}. Register them, then start again:\n` +
        `  ${registerByHand(namespace, missing)}`,
      { cause: error },
    );
  }
}

async function setRetention(connection: Connection, namespace: string): Promise<void> {
  const { config } = await connection.workflowService.describeNamespace({ namespace });
  if (optionalTsToMs(config?.workflowExecutionRetentionTtl) === RETENTION_MS) return;
  await connection.workflowService.updateNamespace({
    namespace,
    config: { workflowExecutionRetentionTtl: msToTs(RETENTION_MS) },
  });
}

/** A server that has just started answers its health check a moment before it knows its namespaces. */
async function untilAccepted(attempt: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() >= deadline) throw error;
      await delay(50);
    }
  }
}
