/** A scripted world on the tests' Temporal server, whose workers run until it is disposed of. */
import type { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { inject } from 'vitest';
import { scriptedWorld, type ScriptedWorld } from './scripted-world.ts';
import { whileRunning } from './while-running.ts';

/** Closes the client too. @param queue unique to the test file, so that files do not take each other's attempts */
export async function runningWorld(client: Client, queue: string): Promise<ScriptedWorld & AsyncDisposable> {
  const connection = await NativeConnection.connect({ address: inject('temporalAddress') });
  const workflowBundlePath = inject('workflowBundlePath');
  const { workers, ...world } = await scriptedWorld({ client, connection, workflowBundlePath, queue });
  const end = Promise.withResolvers<void>();
  const stopped = whileRunning(workers, () => end.promise);
  return {
    ...world,
    async [Symbol.asyncDispose]() {
      end.resolve();
      await stopped;
      await connection.close();
      await client.connection.close();
    },
  };
}
