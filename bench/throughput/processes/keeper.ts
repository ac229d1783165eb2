// `bin/hard_worker` for the bench: the real keeper and worker processes, logging as in production, with a bundle built from this
// checkout. Started by the bench: node keeper.ts BUNDLE PROCESSES
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../../src/config.ts';
import { DEFAULT_QUEUE } from '../../../src/contract/queues.ts';
import { listenForStop } from '../../../src/process/stop-signals.ts';
import { createLogger } from '../../../src/log.ts';
import { connectClient } from '../../../src/temporal/connect.ts';
import { runKeeper } from '../../../src/worker/keeper.ts';

/** The default of `bin/hard_worker`. */
const CONCURRENCY = 100;

const [bundlePath = '', processes = '1'] = process.argv.slice(2);

using stop = listenForStop(process.env);
const config = loadConfig(process.env);
const client = connectClient(config.temporal);
await runKeeper({
  entry: fileURLToPath(new URL('../../../bin/worker-process.ts', import.meta.url)),
  environment: process.env,
  assignment: { queues: [{ name: DEFAULT_QUEUE, concurrency: CONCURRENCY }], bundlePath },
  processes: Number(processes),
  shutdownGraceMs: config.shutdownGraceMs,
  client,
  log: createLogger(config, 'keeper'),
  stop,
});
await client.connection.close();
