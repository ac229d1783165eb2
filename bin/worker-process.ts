// Started by bin/hard_worker, never by hand.
import { loadConfig } from '../src/config.ts';
import { writePidFile } from '../src/process/pid-files.ts';
import { leaveSignalsToParent } from '../src/process/stop-signals.ts';
import { createLogger } from '../src/log.ts';
import type { FromWorker, WorkerAssignment } from '../src/worker/keeper-messages.ts';
import { runWorkerProcess } from '../src/worker/worker-process.ts';

const config = loadConfig(process.env);
const log = createLogger(config, 'worker');
const stopping = new AbortController();
const stop = (): void => stopping.abort();

// The keeper decides what a signal means, and says so over the channel.
leaveSignalsToParent();
process.on('message', stop);
// The keeper is gone, and with it whoever would tell what dies with this process.
process.on('disconnect', stop);

try {
  using _pidFile = writePidFile(config.home, 'worker');
  await runWorkerProcess({
    config,
    assignment: JSON.parse(process.argv[2] ?? '{}') as WorkerAssignment,
    log,
    tellKeeper: (message: FromWorker) => void (process.connected && process.send?.(message)),
    stop: stopping.signal,
  });
} catch (error) {
  log.error({ event: 'worker.failed', err: error }, 'worker failed');
  process.exitCode = 1;
} finally {
  // An open channel keeps a process alive.
  if (process.connected) process.disconnect();
}
