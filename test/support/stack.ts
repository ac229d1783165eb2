/** The whole of Holdfast as a user starts it: `bin/dev`, on free ports, with a home of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';
import { until } from './until.ts';

const BIN = fileURLToPath(new URL('../../bin/', import.meta.url));

export interface Program extends AsyncDisposable {
  readonly pid: number;
  /** All that it has printed so far. */
  output(): string;
  /** Resolves with its exit code, or the signal that killed it. */
  readonly ended: Promise<number | string>;
  /** SIGTERM, and SIGKILL for its whole process group after `withinMs`. */
  stop(withinMs?: number): Promise<number | string>;
}

/** Starts `bin/<name>` in a process group of its own. */
export function startProgram(name: string, args: readonly string[], env: NodeJS.ProcessEnv): Program {
  const child = spawn(join(BIN, name), args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const { pid } = child;
  // 0 would be whoever asks for a signal to it.
  if (pid === undefined) throw new Error(`bin/${name} could not be started.`);
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (printed += String(chunk)));
  const ended = once(child, 'exit').then(() => child.exitCode ?? child.signalCode ?? 'vanished');
  const stop = async (withinMs = 15_000): Promise<number | string> => {
    if (isRunning(child)) child.kill('SIGTERM');
    const force = setTimeout(() => process.kill(-pid, 'SIGKILL'), withinMs);
    return ended.finally(() => clearTimeout(force));
  };
  return {
    pid,
    output: () => printed,
    ended,
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  };
}

export interface StackEnvironment {
  readonly home: string;
  readonly url: string;
  readonly temporalAddress: string;
  readonly env: NodeJS.ProcessEnv;
}

/** What stands for something else in URLs, globs, shells and lists of folders. */
const ODD = "?#%41 *'";

/** Free ports, a fresh home with an odd name, and a PATH on which the Temporal CLI and this Node stand. */
export async function stackEnvironment(temporalCli: string): Promise<StackEnvironment> {
  const home = await mkdtemp(join(tmpdir(), `holdfast-stack${ODD}-`));
  const [port, temporalPort, temporalUiPort] = [await freePort(), await freePort(), await freePort()];
  const path = [dirname(process.execPath), dirname(temporalCli), process.env['PATH']].join(delimiter);
  return {
    home,
    url: `http://127.0.0.1:${port}`,
    temporalAddress: `127.0.0.1:${temporalPort}`,
    env: {
      ...process.env,
      PATH: path,
      HOLDFAST_HOME: home,
      PORT: String(port),
      HOLDFAST_TEMPORAL_PORT: String(temporalPort),
      HOLDFAST_TEMPORAL_UI_PORT: String(temporalUiPort),
      HOLDFAST_SHUTDOWN_GRACE_MS: '2000',
      // The test runner sets it for its own purposes.
      NODE_ENV: 'development',
    },
  };
}

export interface Stack extends StackEnvironment, AsyncDisposable {
  readonly program: Program;
  /** `bin/rip` with these arguments. */
  rip(...args: string[]): Promise<string>;
}

/** Resolves once web answers, Temporal answers and a worker is there. */
export async function startStack(temporalCli: string): Promise<Stack> {
  const world = await stackEnvironment(temporalCli);
  const program = startProgram('dev', [], world.env);
  const stack: Stack = {
    ...world,
    program,
    async rip(...args) {
      const rip = startProgram('rip', args, world.env);
      if ((await rip.ended) !== 0) throw new Error(`bin/rip ${args.join(' ')} failed:\n${rip.output()}`);
      return rip.output();
    },
    async [Symbol.asyncDispose]() {
      await program.stop(30_000);
      await rm(world.home, { recursive: true, force: true });
    },
  };
  try {
    await until('the stack is ready', () => isReady(world.url), 60_000);
    return stack;
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw new Error(`bin/dev did not come up:\n${program.output()}`, { cause: error });
  }
}

async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  return answer?.ok === true && JSON.stringify(await answer.json()).includes('present');
}

/** Row numbers of a report as they stand in its file. */
export async function reportRows(home: string, file: string): Promise<number[]> {
  const text = await readFile(join(home, 'reports', file), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => Number(line.split(',')[0]));
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}
