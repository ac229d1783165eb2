// `bin/hard_worker` for the bench: the real worker and its runners, logging as in production, with a bundle built from this checkout.
// Started by the bench: node worker.ts BUNDLE PROCESSES
import { fileURLToPath } from 'node:url';
import { DEMO_CONFIG } from '../../../bin/demo.ts';
import type { RunnerSettings } from '../../../src/cli/work.ts';
import { loadConfig } from '../../../src/config/config.ts';
import { createLogger } from '../../../src/log.ts';
import { findOnPath } from '../../../src/process/find-on-path.ts';
import { writePidFile } from '../../../src/process/pid-files.ts';
import { listenForStop } from '../../../src/process/stop-signals.ts';
import { installRuntime } from '../../../src/worker/create-workers.ts';
import { runWorker } from '../../../src/worker/run-worker.ts';

/** The default of `bin/hard_worker`. */
const CONCURRENCY = 100;

const [bundlePath = '', processes = '1'] = process.argv.slice(2);

using stop = listenForStop(process.env);
const config = loadConfig(process.env);
const { home, production, logLevel } = config;
const log = createLogger(config, 'worker');
installRuntime(log);
const settings: RunnerSettings = { production, logLevel, configFile: DEMO_CONFIG };
await runWorker({
  config,
  concurrency: CONCURRENCY,
  prepareBundle: async () => bundlePath,
  runnerProgram: {
    entry: fileURLToPath(new URL('../../../bin/runner.ts', import.meta.url)),
    args: [JSON.stringify(settings)],
    env: process.env,
    setpriv: await findOnPath('setpriv', process.env['PATH']),
  },
  processes: Number(processes),
  log,
  stop,
  noteRunner: (pid) => writePidFile(home, 'runner', pid),
});
process.exit(0);
