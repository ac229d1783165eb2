/** A Temporal of the test's own: the dev server as it is developed with, or the test server that skips time. */
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import type { NativeConnection } from '@temporalio/worker';
import { loadConfig } from '../config/config.ts';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.ts';
import { startDevServer } from '../dev/dev-server.ts';
import type { ToolFolder } from '../dev/pinned-tool.ts';
import { findTemporalCli, findTemporalTestServer } from '../dev/temporal-cli.ts';
import { itemAddress } from '../job/group/groups.ts';
import { connectClient } from '../temporal/connect.ts';
import { connectWorkers } from '../worker/create-workers.ts';

export interface TestTemporal extends AsyncDisposable {
  readonly address: string;
  readonly client: Client;
  readonly connection: NativeConnection;
  readonly skipsTime: boolean;
  /** Skips time until this job is over, where time is skipped. */
  untilOver(jobId: string): Promise<void>;
  sleep(ms: number): Promise<void>;
}

/** @param folder for its database */
export async function startRealTime(tools: ToolFolder, folder: string): Promise<TestTemporal> {
  await using parts = new AsyncDisposableStack();
  const server = await startDevServer({ cli: await findTemporalCli(tools), home: folder, port: await freePort() });
  // A test run that is interrupted leaves nothing behind.
  const killAtExit = (): void => kill(server.pid);
  process.once('exit', killAtExit);
  parts.defer(async () => {
    await server.stop();
    process.off('exit', killAtExit);
  });
  const { temporal } = loadConfig({ TEMPORAL_ADDRESS: server.address });
  const client = connectClient(temporal);
  parts.defer(async () => client.connection.close());
  const connection = await connectWorkers(temporal);
  parts.defer(async () => connection.close());
  const kept = parts.move();
  return {
    address: server.address,
    client,
    connection,
    skipsTime: false,
    // Its result is waited for.
    async untilOver() {},
    sleep: async (ms) => sleep(ms),
    [Symbol.asyncDispose]: async () => kept.disposeAsync(),
  };
}

export async function startSkippedTime(tools: ToolFolder): Promise<TestTemporal> {
  const path = await findTemporalTestServer(tools);
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
  const namespace = env.namespace ?? 'default';
  for (const { name, type } of SEARCH_ATTRIBUTES)
    await env.connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: { [name]: encodeSearchAttributeIndexedValueType(type) ?? 0 },
    });
  return {
    address: env.address,
    client: env.client,
    connection: env.nativeConnection,
    skipsTime: true,
    async untilOver(jobId) {
      const workflowId = itemAddress(jobId)?.groupId ?? jobId;
      // How it ended is for its reader to say.
      await env.client.workflow
        .getHandle(workflowId)
        .result()
        .catch(() => undefined);
      // In trouble it left its group, and went on under its own id.
      if (workflowId !== jobId)
        await env.client.workflow
          .getHandle(jobId)
          .result()
          .catch(() => undefined);
    },
    sleep: async (ms) => env.sleep(ms),
    [Symbol.asyncDispose]: async () => env.teardown(),
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
