/** Once per run, for `*.server.test.ts`: a real Temporal dev server, and the workflow bundle that its workers share. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { loadConfig } from '../../src/config/config.ts';
import { findTemporalCli, findTemporalTestServer } from '../../src/dev/temporal-cli.ts';
import { buildBundle } from '../../src/worker/workflow-bundle.ts';
import { startTestDevServer } from './dev-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** `host:port` of the run's dev server. */
    temporalAddress: string;
    /** Path of the Temporal CLI, and its version. */
    temporalCli: string;
    temporalCliVersion: string;
    /** Path of the time-skipping test server. */
    temporalTestServer: string;
    /** For `workflowBundle: { codePath }`. */
    workflowBundlePath: string;
  }
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { home } = loadConfig({ HOLDFAST_HOME: process.env.HOLDFAST_HOME ?? join(ROOT, '.holdfast') });
  const tools = { home, searchPath: process.env.PATH, note: (message: string) => process.stderr.write(`${message}\n`) };
  const cli = await findTemporalCli(tools);
  const testServer = await findTemporalTestServer(tools);

  const world = await startTestDevServer(cli);
  try {
    const bundle = await buildBundle(join(world.home, 'workflow-bundle.js'));
    project.provide('temporalAddress', world.server.address);
    project.provide('temporalCli', cli.path);
    project.provide('temporalCliVersion', cli.version);
    project.provide('temporalTestServer', testServer);
    project.provide('workflowBundlePath', bundle);
  } catch (error) {
    await world[Symbol.asyncDispose]();
    throw error;
  }
  return async () => world[Symbol.asyncDispose]();
}
