/** A process that is kept running as `restart: unless-stopped` keeps a container running. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

type Environment = Readonly<Record<string, string>>;

export interface ServiceOptions {
  readonly name: string;
  readonly command: readonly string[];
  readonly environment: Environment;
  readonly cwd: string;
  readonly log: string;
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
}

/** Docker doubles this at every failure; here failures are few. @format milliseconds */
const RESTART_AFTER_MS = 250;

export interface RestartedOptions extends Omit<ServiceOptions, 'environment'> {
  /** A function where each start, counted from 1, has another. */
  readonly environment: Environment | ((start: number) => Environment);
}

export class ServiceProcess implements AsyncDisposable {
  readonly #options: RestartedOptions;
  #child: ChildProcess | undefined;
  #wanted = false;
  #running: Promise<void> = Promise.resolve();
  /** Starts, the first one included. */
  starts = 0;

  constructor(options: RestartedOptions) {
    this.#options = options;
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error(`${this.#options.name} does not run. Its log: ${this.#options.log}`);
    return pid;
  }

  start(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#running = this.#keepRunning();
  }

  /** SIGKILL; started again at once. */
  kill(): void {
    process.kill(this.pid, 'SIGKILL');
  }

  /** SIGKILL, and stays away. */
  async killForGood(): Promise<void> {
    this.#wanted = false;
    this.#child?.kill('SIGKILL');
    await this.#running;
  }

  /** Stays away from its next end on, which the caller brings about. */
  async leave(bringAbout: () => Promise<void>): Promise<void> {
    this.#wanted = false;
    await bringAbout();
    await this.#running;
  }

  /** SIGTERM, then SIGKILL after the grace period. @returns whether it left by itself, and its exit code */
  async stop(graceMs: number): Promise<{ readonly code: number | null; readonly tookMs: number }> {
    const child = this.#child;
    const askedAt = Date.now();
    this.#wanted = false;
    child?.kill('SIGTERM');
    const tooLate = setTimeout(() => child?.kill('SIGKILL'), graceMs);
    await this.#running;
    clearTimeout(tooLate);
    return { code: child?.exitCode ?? null, tookMs: Date.now() - askedAt };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.killForGood();
  }

  async #keepRunning(): Promise<void> {
    while (this.#wanted) {
      this.starts += 1;
      const { environment } = this.#options;
      this.#child = launch({
        ...this.#options,
        environment: typeof environment === 'function' ? environment(this.starts) : environment,
      });
      await once(this.#child, 'exit');
      if (this.#wanted) await sleep(RESTART_AFTER_MS);
    }
  }
}

/** Runs a command to its end. @returns its exit code and everything it said */
export async function runJob(
  options: ServiceOptions,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = launch(options, 'pipe');
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text) => (output += String(text)));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

function launch(
  { command, environment, cwd, log, user }: ServiceOptions,
  output: 'log' | 'pipe' = 'log',
): ChildProcess {
  const [program = '', ...args] = command;
  const file = output === 'log' ? openSync(log, 'a') : undefined;
  // PATH alone is shared, as in a container; HOME is what a user without a profile of Temporal's CLI has.
  const env = { PATH: process.env.PATH, HOME: cwd, ...environment };
  const child = spawn(program === 'node' ? process.execPath : program, args, {
    cwd,
    env,
    stdio: ['ignore', file ?? 'pipe', file ?? 'pipe'],
    ...user,
  });
  if (file !== undefined) closeSync(file);
  return child;
}
