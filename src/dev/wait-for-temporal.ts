/** Connects to a Temporal that is starting, or finds out whether one is there. */
import { setTimeout as delay } from 'node:timers/promises';
import { Connection, type ConnectionOptions } from '@temporalio/client';
import type { TemporalConnection } from '../config/config.ts';
import { MachineError } from '../process/errors.ts';
import { isListening } from './ports.ts';

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
