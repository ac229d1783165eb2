import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import type { Logger } from 'pino';
import { loadConfig, type Config } from '../config/config.ts';
import { createLogger, flushLog } from '../log.ts';
import { describeError } from '../process/errors.ts';
import { findOnPath } from '../process/find-on-path.ts';
import { openHome } from '../process/home.ts';
import { surviveLostOutput } from '../process/output.ts';
import { writePidFile } from '../process/pid-files.ts';
import { listenForStop } from '../process/stop-signals.ts';
import { installRuntime, type QueueOptions } from '../worker/create-workers.ts';
import { addQueueOption, QueueOptionError, type ServedQueue } from '../worker/queue-option.ts';
import { CONFIG_OPTION, configFileOf, type Service } from './service.ts';
import { runWorker } from '../worker/run-worker.ts';
import { prepareBundle } from '../worker/workflow-bundle.ts';

/** What `bin/runner` is started with: its only argument, as JSON. */
export interface RunnerSettings extends Pick<Config, 'production' | 'logLevel'> {
  /** Absolute path of the service's configuration. */
  readonly configFile: string;
}

interface Options {
  readonly queue?: readonly ServedQueue[];
  readonly concurrency: number;
  readonly processes: number;
  readonly config?: string;
}

export function workCommand(service: Service): Command {
  return new Command(service.name)
    .description(
      'Runs jobs: a worker, which talks to Temporal and runs no job itself, and the processes that do, its runners.\n' +
        'Stops orderly on Ctrl-C or SIGTERM; a second one does not wait for running attempts.',
    )
    .option(
      '--queue <name[=concurrency]>',
      'queue to serve; repeat for several (default: every queue that a kind names)',
      addQueue,
    )
    .option('--concurrency <n>', 'attempts per runner and queue at the same time', wholeNumber, 100)
    .option('--processes <n>', 'runners', wholeNumber, 2)
    .option(...CONFIG_OPTION)
    .addHelpText(
      'after',
      '\nSettings: HOLDFAST_HOME, HOLDFAST_SHUTDOWN_GRACE_MS, HOLDFAST_MAX_BUSY_MS, HOLDFAST_TASK_QUEUE, LOG_LEVEL, TEMPORAL_*.',
    )
    .action(async (options: Options) => work(service, options));
}

async function work(service: Service, options: Options): Promise<never> {
  const stop = listenForStop(process.env);
  surviveLostOutput();
  let log: Logger | undefined;
  try {
    const config = loadConfig(process.env, service.programs);
    const configFile = configFileOf(service, options.config);
    const { home, production, logLevel } = config;
    openHome(home);
    using _pidFile = writePidFile(home, 'worker');
    const queues = options.queue?.map(({ name, concurrency = options.concurrency }): QueueOptions => ({
      name,
      concurrency,
    }));
    log = createLogger(config, 'worker');
    installRuntime(log);
    const settings: RunnerSettings = { production, logLevel, configFile };
    await runWorker({
      config,
      queues,
      concurrency: options.concurrency,
      prepareBundle: async () => prepareBundle({ production, home, builder: program('build-bundle') }),
      runnerProgram: {
        entry: program('runner'),
        args: [JSON.stringify(settings)],
        env: { NODE_COMPILE_CACHE: join(home, 'compile-cache'), ...process.env },
        setpriv: await findOnPath('setpriv', process.env.PATH),
      },
      processes: options.processes,
      log,
      stop,
      noteRunner: (pid) => writePidFile(home, 'runner', pid),
    });
    return await leave(stop.second.aborted ? 1 : 0, log);
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    return leave(1, log);
  }
}

/** Of `bin/`: in development TypeScript as it is, else what was built beside this. */
function program(name: string): string {
  const ending = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  return fileURLToPath(new URL(`../../bin/${name}${ending}`, import.meta.url));
}

/** Whatever still holds this process: a worker that failed leaves handles of its own behind, and nobody would start another. */
async function leave(code: number, log: Logger | undefined): Promise<never> {
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
