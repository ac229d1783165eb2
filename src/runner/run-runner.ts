/**
 * A runner: the process that runs application code, and knows nothing of Temporal. Whatever that does to its process, it does not do to
 * the one that talks to Temporal: it may compute for a minute, leak, throw past everybody, or exit.
 */
import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { getHeapStatistics } from 'node:v8';
import type { Logger } from 'pino';
import { catalogueOf, checkWork, type Catalogue } from '../kinds/catalogue.ts';
import type { HoldfastConfig } from '../kinds/define-config.ts';
import { leaveSignalsToParent } from '../process/stop-signals.ts';
import { lines } from './lines.ts';
import { FROM_WORKER_FD, TO_WORKER_FD, type FromRunner, type KindTraits, type ToRunner } from './messages.ts';
import { Runner } from './runner.ts';
import { watchStrays } from './strays.ts';

// Taken before any application code runs, which may replace them for a moment.
const { parse, stringify } = JSON;

export interface RunnerOptions {
  /** Loads the application's code: nothing of it runs before. */
  readonly loadConfig: () => Promise<HoldfastConfig>;
  /** Must never wait for its reader. */
  readonly log: Logger;
}

/** Runs until its worker says that it is to leave, or closes the pipe, which it also does by dying. @throws when the configuration is not usable */
export async function runRunner({ loadConfig, log }: RunnerOptions): Promise<void> {
  leaveSignalsToParent();
  let runner: Runner | undefined;
  let teardown: (() => Promise<void>) | undefined;
  watchStrays((stray) => runner?.sayStray(stray));
  process.on('exit', () => runner?.leave());
  const fromWorker = new Socket({ fd: FROM_WORKER_FD, readable: true, writable: false });
  fromWorker.on(
    'data',
    lines((line) => {
      const message = parse(line) as ToRunner;
      if (message.leave) void leave(async () => teardown?.(), log);
      else runner?.hear(message);
    }),
  );
  // Its worker died: somebody else runs all of this again, whatever handlers still do here.
  fromWorker.on('close', () => process.exit(0));
  fromWorker.on('error', () => process.exit(0));

  const config = await loadConfig();
  const catalogue = catalogueOf(config.jobs);
  checkWork(catalogue);
  const world = await config.setup?.();
  teardown = async () => config.teardown?.(world);
  runner = new Runner({ work: { catalogue, world }, log, say });
  say([['ready', Math.floor(getHeapStatistics().heap_size_limit / 1_048_576), traitsOf(catalogue)]]);
}

/** The worker kills whatever takes too long. */
async function leave(teardown: (() => Promise<void>) | undefined, log: Logger): Promise<never> {
  say([['leaving']]);
  try {
    await teardown?.();
  } catch (error) {
    log.error({ event: 'runner.teardown', err: error }, 'teardown of the configuration failed');
  }
  process.exit(0);
}

function traitsOf({ jobs }: Catalogue): Record<string, KindTraits> {
  return Object.fromEntries(
    jobs.map(({ kind, queue, isolated, maxBusyMs }) => [
      kind,
      { queue, ...(isolated && { isolated }), ...(maxBusyMs !== undefined && { maxBusyMs }) },
    ]),
  );
}

/** Blocks until the worker has room for it: what is said is said, whatever becomes of this process next. */
function say(messages: readonly FromRunner[]): void {
  const bytes = Buffer.from(`${stringify(messages)}\n`);
  try {
    for (let written = 0; written < bytes.length;) written += writeSync(TO_WORKER_FD, bytes, written);
  } catch {
    // The worker is gone, or a handler has closed what is ours: either way nobody hears of what runs here.
    process.exit(1);
  }
}
