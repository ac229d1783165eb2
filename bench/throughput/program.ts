/** A process of the bench, which ends with it whatever happens. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface ProgramOptions {
  /** Relative to this folder. */
  readonly script: string;
  readonly args: readonly string[];
  /** Of Node. @default none */
  readonly flags?: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** Takes all that it prints: nobody has to read along, as with a pipe. */
  readonly logFile: string;
}

export interface Program extends AsyncDisposable {
  readonly pid: number;
}

const STOP_WITHIN_MS = 15_000;

export function startProgram({ script, args, flags = [], environment, logFile }: ProgramOptions): Program {
  const log = openSync(logFile, 'a');
  const path = fileURLToPath(new URL(script, import.meta.url));
  // With the same loader for TypeScript as this process.
  const child = spawn(process.execPath, [...process.execArgv, ...flags, path, ...args], {
    env: environment,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  return {
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      await stop(child);
      process.off('exit', kill);
    },
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await gone;
  clearTimeout(force);
}
