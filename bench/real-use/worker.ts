// `bin/hard_worker` with the handlers of this bench: node worker.ts BUNDLE RUNS-FILE PROCESSES
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { loadConfig } from '../../src/config/config.ts';
import { findOnPath } from '../../src/process/find-on-path.ts';
import { writePidFile } from '../../src/process/pid-files.ts';
import { listenForStop } from '../../src/process/stop-signals.ts';
import { installRuntime } from '../../src/worker/create-workers.ts';
import { runWorker } from '../../src/worker/run-worker.ts';

const [bundle = '', runs = '', processes = '2'] = process.argv.slice(2);
const config = loadConfig(process.env);
using stop = listenForStop(process.env);
using _pidFile = writePidFile(config.home, 'worker');
const log = pino({ level: process.env['LOG_LEVEL'] ?? 'warn' });
installRuntime(log);
await runWorker({
  config,
  concurrency: 100,
  prepareBundle: async () => bundle,
  runnerProgram: {
    entry: fileURLToPath(new URL('runner.ts', import.meta.url)),
    args: [runs],
    env: process.env,
    setpriv: await findOnPath('setpriv', process.env['PATH']),
  },
  processes: Number(processes),
  log,
  stop,
  noteRunner: (pid) => writePidFile(config.home, 'runner', pid),
});
process.exit(0);
