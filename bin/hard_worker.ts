import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { loadConfig } from '../src/config.ts';
import { DEFAULT_QUEUE } from '../src/contract/queues.ts';
import { describeError } from '../src/process/errors.ts';
import { writePidFile } from '../src/process/pid-files.ts';
import { listenForStop } from '../src/process/stop-signals.ts';
import { createLogger } from '../src/log.ts';
import { connectClient } from '../src/temporal/connect.ts';
import type { QueueOptions } from '../src/worker/create-workers.ts';
import { runKeeper } from '../src/worker/keeper.ts';
import { addQueueOption, QueueOptionError, type ServedQueue } from '../src/worker/queue-option.ts';
import { prepareBundle } from '../src/worker/workflow-bundle.ts';

interface Options {
  readonly queue?: readonly ServedQueue[];
  readonly concurrency: number;
  readonly processes: number;
}

const options = new Command('bin/hard_worker')
  .description(
    'Runs jobs: a keeper, which runs no job itself, and its worker processes.\n' +
      'Stops orderly on Ctrl-C or SIGTERM; a second one does not wait for running attempts.',
  )
  .option('--queue <name[=concurrency]>', `queue to serve; repeat for several (default: ${DEFAULT_QUEUE})`, addQueue)
  .option('--concurrency <n>', 'attempts per process and queue at the same time', wholeNumber, 100)
  .option('--processes <n>', 'worker processes', wholeNumber, 2)
  .addHelpText('after', '\nSettings: HOLDFAST_HOME, HOLDFAST_SHUTDOWN_GRACE_MS, LOG_LEVEL, TEMPORAL_*.')
  .parse()
  .opts<Options>();

try {
  using stop = listenForStop(process.env);
  const config = loadConfig(process.env);
  using _pidFile = writePidFile(config.home, 'keeper');
  const queues: QueueOptions[] = (options.queue ?? [{ name: DEFAULT_QUEUE, concurrency: undefined }]).map(
    ({ name, concurrency }) => ({ name, concurrency: concurrency ?? options.concurrency }),
  );
  const client = connectClient(config.temporal);
  await runKeeper({
    entry: fileURLToPath(
      import.meta.resolve(import.meta.url.endsWith('.ts') ? './worker-process.ts' : './worker-process.js'),
    ),
    // Compiled code is kept between starts: a worker that died is back sooner.
    environment: { NODE_COMPILE_CACHE: join(config.home, 'compile-cache'), ...process.env },
    assignment: { queues, bundlePath: await prepareBundle(config) },
    processes: options.processes,
    shutdownGraceMs: config.shutdownGraceMs,
    client,
    log: createLogger(config, 'keeper'),
    stop,
  });
  // Without closing the client: a call that Temporal never answered is still trying again, and would throw on a closed channel.
  process.exit(0);
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 1;
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
