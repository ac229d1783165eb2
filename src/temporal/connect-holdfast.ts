/** Connects a program to Temporal, as far as it enqueues jobs and looks after them. */
import { loadTemporalConfig, type Environment } from '../config/config.ts';
import { connectClient } from './connect.ts';
import { createJobs } from './create-jobs.ts';
import { createHoldfast, type Holdfast } from './holdfast.ts';
import { call } from './rpc.ts';

export interface HoldfastOptions {
  /** Where the `TEMPORAL_*` variables are, as Temporal's own CLI reads them, and `HOLDFAST_TASK_QUEUE`: pass `process.env`. @default none */
  readonly environment?: Environment;
}

/** Resolves once Temporal answers. @throws {TemporalUnreachableError} @throws {ConfigError} */
export async function connectHoldfast({ environment = {} }: HoldfastOptions = {}): Promise<Holdfast> {
  const temporal = loadTemporalConfig(environment);
  const client = connectClient(temporal);
  const close = async (): Promise<void> => client.connection.close();
  try {
    await call(client, () => client.connection.ensureConnected());
  } catch (error) {
    await close();
    throw error;
  }
  return createHoldfast(createJobs(client, temporal.taskQueue), close);
}
