/** What `bin/dev` does, from the first look at the machine to the last process gone. */
import type { Writable } from 'node:stream';
import type { Config } from '../config/config.ts';
import { writePidFile } from '../process/pid-files.ts';
import { preflight } from './preflight.ts';
import { runProcesses } from './process-runner.ts';
import type { ProcfileEntry } from './procfile.ts';
import { aborted, type StopSignals } from '../process/stop-signals.ts';
import { findTemporalCli } from './temporal-cli.ts';
import { stopOrphan } from './temporal-service.ts';
import { startupBanner, type Banner } from './startup-banner.ts';
import { watchCode, type WatchedCode } from './watch-code.ts';

export interface DevelopmentStackOptions {
  readonly config: Config;
  readonly entries: readonly ProcfileEntry[];
  /** Folder that the commands run in. */
  readonly root: string;
  readonly banner: Banner;
  /** Code whose changes begin some entries anew. @default none */
  readonly watch?: WatchedCode;
  /** The value of `PATH`. */
  readonly searchPath: string | undefined;
  readonly output: Writable;
  readonly stop: StopSignals;
}

/** More than the Temporal service waits for the workers and then for its server. */
const STOP_MARGIN_MS = 15_000;

/**
 * Resolves when everything has been stopped.
 * @returns the exit code: 1 when processes were hurried or killed @throws {MachineError} before anything is started
 */
export async function developmentStack(options: DevelopmentStackOptions): Promise<0 | 1> {
  const { config, output, stop } = options;
  const { temporalRuns } = await preflight(config);
  using pidFiles = new DisposableStack();
  pidFiles.use(writePidFile(config.home, 'dev'));
  const note = (message: string): void => void output.write(`${message}\n`);
  // Here, and not only in the process that needs it, so that a failed download is one message and not a loop.
  if (!temporalRuns) await findTemporalCli({ home: config.home, searchPath: options.searchPath, note });
  if (stop.first.aborted) return 0;

  const stopDeadlineMs = config.shutdownGraceMs + STOP_MARGIN_MS;
  const runner = runProcesses(options.entries, { root: options.root, output, stopDeadlineMs });
  await using _watcher =
    options.watch && watchCode(options.watch, (file) => runner.beginAnew(options.watch?.entries ?? [], file));
  const lines = await startupBanner(config, options.banner, stop.first);
  for (const line of lines ?? []) runner.log(line);

  await aborted(stop.first);
  runner.log('Stopping … (again to hurry)');
  stop.second.addEventListener('abort', () => runner.hurry(), { once: true });
  const orderly = await runner.stop();
  // The process that looked after it may have been killed, or have been told to stop before it had taken it over.
  await stopOrphan(config.home);
  runner.log('All stopped.');
  return orderly && !stop.second.aborted ? 0 : 1;
}
