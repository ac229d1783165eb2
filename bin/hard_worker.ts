import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import type { Logger } from 'pino';
import { loadConfig } from '../src/config/config.ts';
import { DEFAULT_QUEUE } from '../src/contract/queues.ts';
import { createLogger, flushLog } from '../src/log.ts';
import { describeError } from '../src/process/errors.ts';
import { findOnPath } from '../src/process/find-on-path.ts';
import { openHome } from '../src/process/home.ts';
import { surviveLostOutput } from '../src/process/output.ts';
import { writePidFile } from '../src/process/pid-files.ts';
import { listenForStop } from '../src/process/stop-signals.ts';
import { installRuntime, type QueueOptions } from '../src/worker/create-workers.ts';
import { addQueueOption, QueueOptionError, type ServedQueue } from '../src/worker/queue-option.ts';
import { runWorker } from '../src/worker/run-worker.ts';
import { prepareBundle } from '../src/worker/workflow-bundle.ts';
import type { RunnerSettings } from './runner.ts';

interface Options {
  readonly queue?: readonly ServedQueue[];
  readonly concurrency: number;
  readonly processes: number;
}

const options = new Command('bin/hard_worker')
  .description(
    'Runs jobs: a worker, which talks to Temporal and runs no job itself, and the processes that do, its runners.\n' +
      'Stops orderly on Ctrl-C or SIGTERM; a second one does not wait for running attempts.',
  )
  .option('--queue <name[=concurrency]>', `queue to serve; repeat for several (default: ${DEFAULT_QUEUE})`, addQueue)
  .option('--concurrency <n>', 'attempts per runner and queue at the same time', wholeNumber, 100)
  .option('--processes <n>', 'runners', wholeNumber, 2)
  .addHelpText(
    'after',
    '\nSettings: HOLDFAST_HOME, HOLDFAST_SHUTDOWN_GRACE_MS, HOLDFAST_MAX_BUSY_MS, LOG_LEVEL, TEMPORAL_*.',
  )
  .parse()
  .opts<Options>();

const stop = listenForStop(process.env);
surviveLostOutput();
let log: Logger | undefined;
try {
  const config = loadConfig(process.env);
  const { home, production, logLevel } = config;
  openHome(home);
  using _pidFile = writePidFile(home, 'worker');
  const queues: QueueOptions[] = (options.queue ?? [{ name: DEFAULT_QUEUE, concurrency: undefined }]).map(
    ({ name, concurrency }) => ({ name, concurrency: concurrency ?? options.concurrency }),
  );
  log = createLogger(config, 'worker');
  installRuntime(log);
  const settings: RunnerSettings = { production, logLevel, reportsFolder: join(home, 'reports') };
  await runWorker({
    config,
    queues,
    prepareBundle: async () => prepareBundle({ production, home, builder: sibling('build-bundle') }),
    runnerProgram: {
      entry: sibling('runner'),
      args: [JSON.stringify(settings)],
      env: { NODE_COMPILE_CACHE: join(home, 'compile-cache'), ...process.env },
      setpriv: await findOnPath('setpriv', process.env.PATH),
    },
    processes: options.processes,
    log,
    stop,
    noteRunner: (pid) => writePidFile(home, 'runner', pid),
  });
  await leave(stop.second.aborted ? 1 : 0);
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  await leave(1);
}

/** In development TypeScript as it is. */
function sibling(name: string): string {
  return fileURLToPath(import.meta.resolve(`./${name}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`));
}

/** Whatever still holds this process: a worker that failed leaves handles of its own behind, and nobody would start another. */
async function leave(code: number): Promise<never> {
  if (log) await flushLog(log);
  process.exit(code);
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return number;
}

function addQueue(text: string, queues?: readonly ServedQueue[]): ServedQueue[] {
  try {
    return addQueueOption(text, queues);
  } catch (error) {
    throw error instanceof QueueOptionError ? new InvalidArgumentError(error.message) : error;
  }
}
