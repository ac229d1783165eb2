/** Runs a Procfile's processes with `concurrently`, starts again what dies, and stops all of them together. */
import { spawn, type ChildProcess } from 'node:child_process';
import type { Writable } from 'node:stream';
import {
  createConcurrently,
  LogError,
  Logger,
  LogOutput,
  type Command,
  type CloseEvent,
  type FlowController,
} from 'concurrently';
import type { ProcfileEntry } from './procfile.ts';

export interface ProcessRunnerOptions {
  /** Folder that the commands run in. */
  readonly root: string;
  readonly output: Writable;
  /** How long {@link ProcessRunner.stop} waits before SIGKILL. */
  readonly stopDeadlineMs: number;
}

export interface ProcessRunner {
  /** SIGTERM to every process. Resolves when all are gone; with false when some had to be killed. */
  stop(): Promise<boolean>;
  /** Asks those that are still stopping to hurry, by another SIGTERM. */
  hurry(): void;
  /** Stops these orderly, whereupon they are started again, since this file has changed. */
  beginAnew(names: readonly string[], file: string): void;
  /** A line of the runner's own among the output. */
  log(text: string): void;
}

const RESTART_DELAY_MS = 250;
/** A process that dies soon after its start is given twice the time with each try, so that a broken one does not eat the machine. */
const MAX_RESTART_DELAY_MS = 30_000;
const FAILING_WHEN_SHORTER_THAN_S = 5;

/** Signals shortly after the first are one wish to a process, and it may have heard the first late. */
const REPEAT_HURRY_MS = 500;

const COLOURS = ['cyan', 'magenta', 'yellow', 'green', 'blue'];

export function runProcesses(entries: readonly ProcfileEntry[], options: ProcessRunnerOptions): ProcessRunner {
  const logger = new Logger({ prefixFormat: 'name' });
  logger.setPrefixLength(Math.max(...entries.map(({ name }) => name.length)));
  const supervisor = new Supervisor(logger, options.stopDeadlineMs);
  const { result } = createConcurrently(
    entries.map(({ name, command }) => ({ name, command })),
    {
      cwd: options.root,
      logger,
      outputStream: options.output,
      prefixColors: COLOURS,
      spawn: spawnInOwnGroup,
      kill: signalProcess,
      controllers: [new LogError({ logger }), new LogOutput({ logger }), supervisor],
    },
  );
  // It settles when all processes happen to be down at once, which is no end here: they are started again.
  void result.catch(() => {});
  return {
    stop: () => supervisor.stop(),
    hurry: () => supervisor.hurry(),
    beginAnew: (names, file) => supervisor.beginAnew(names, file),
    log: (text) => logger.logGlobalEvent(text),
  };
}

class Supervisor implements FlowController {
  readonly #logger: Logger;
  readonly #stopDeadlineMs: number;
  readonly #restarts = new Map<Command, NodeJS.Timeout>();
  /** Deaths in a row, each soon after the start. */
  readonly #failures = new Map<Command, number>();
  readonly #allGone = Promise.withResolvers<void>();
  /** Those that stop because their code has changed, and which file. */
  readonly #changed = new Map<Command, string>();
  #commands: readonly Command[] = [];
  #stopping = false;
  #forced = false;

  constructor(logger: Logger, stopDeadlineMs: number) {
    this.#logger = logger;
    this.#stopDeadlineMs = stopDeadlineMs;
  }

  handle(commands: Command[]): { commands: Command[] } {
    this.#commands = commands;
    for (const command of commands) command.close.subscribe((event) => this.#onClose(command, event));
    return { commands };
  }

  beginAnew(names: readonly string[], file: string): void {
    if (this.#stopping) return;
    for (const command of this.#commands) {
      if (!names.includes(command.name)) continue;
      this.#changed.set(command, file);
      // One that failed waits for its next try, which is now.
      if (command.process === undefined) this.#startNow(command);
      else command.kill('SIGTERM');
    }
  }

  #startNow(command: Command): void {
    clearTimeout(this.#restarts.get(command));
    this.#failures.delete(command);
    this.#changed.delete(command);
    command.start();
  }

  async stop(): Promise<boolean> {
    this.#stopping = true;
    for (const restart of this.#restarts.values()) clearTimeout(restart);
    this.#terminate();
    this.#checkAllGone();
    const force = setTimeout(() => this.#force(), this.#stopDeadlineMs);
    await this.#allGone.promise;
    clearTimeout(force);
    return !this.#forced;
  }

  hurry(): void {
    this.#terminate();
    const repeat = setInterval(() => this.#terminate(), REPEAT_HURRY_MS);
    void this.#allGone.promise.then(() => clearInterval(repeat));
  }

  #terminate(): void {
    for (const command of this.#commands) command.kill('SIGTERM');
  }

  #onClose(command: Command, { exitCode, timings }: CloseEvent): void {
    if (this.#stopping) {
      this.#checkAllGone();
      return;
    }
    const changed = this.#changed.get(command);
    if (changed !== undefined) {
      this.#logger.logCommandEvent(`${command.name} begins anew, since ${changed} has changed`, command);
      return this.#startNow(command);
    }
    const how = typeof exitCode === 'number' ? `exited with code ${exitCode}` : `was killed by ${exitCode}`;
    const isFailing = timings.durationSeconds < FAILING_WHEN_SHORTER_THAN_S;
    const failures = isFailing ? (this.#failures.get(command) ?? 0) + 1 : 0;
    this.#failures.set(command, failures);
    const delayMs = restartDelayMs(failures);
    const when = delayMs < 2_000 ? '' : ` in ${delayMs / 1_000} s`;
    this.#logger.logCommandEvent(`${command.name} ${how}; starting it again${when}`, command);
    this.#restarts.set(
      command,
      setTimeout(() => command.start(), delayMs),
    );
  }

  #checkAllGone(): void {
    if (this.#commands.every((command) => command.process === undefined)) this.#allGone.resolve();
  }

  #force(): void {
    for (const { name, pid, process: running } of this.#commands) {
      if (running === undefined || pid === undefined) continue;
      this.#forced = true;
      this.#logger.logGlobalEvent(`${name} did not stop within ${this.#stopDeadlineMs / 1_000} s and is killed.`);
      signalProcess(-pid, 'SIGKILL');
    }
  }
}

export function restartDelayMs(failures: number): number {
  return Math.min(RESTART_DELAY_MS * 2 ** failures, MAX_RESTART_DELAY_MS);
}

/**
 * A terminal sends Ctrl-C to its whole foreground group. In groups of their own the processes get one signal, from us,
 * instead of two, the second of which would mean "at once".
 */
function spawnInOwnGroup(command: string, options: object): ChildProcess {
  // The shell is replaced by the program, or signals would end with the shell. `env` takes leading NAME=value words.
  return spawn('/bin/sh', ['-c', `exec env ${command}`], { ...options, detached: true });
}

/** `concurrently` would signal the whole tree, and so stop Temporal under the workers that still report to it. */
function signalProcess(pid: number, signal?: string): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
