/**
 * Signals to processes that a pid file names. Who can write into a home could name any process there, and have root end it; so a file is
 * believed only as far as the system says the same of its process.
 */
import { basename } from 'node:path';
import type { PidFile, Role } from './pid-files.ts';
import { processFacts } from './process-facts.ts';
import { isAlive } from './process-identity.ts';

/** Files in `bin/`, but for Temporal's own program. */
const PROGRAMS: Readonly<Record<Exclude<Role, 'temporal'>, string>> = {
  dev: 'dev',
  'temporal-server': 'temporal-server',
  web: 'web',
  worker: 'hard_worker',
  runner: 'runner',
};

/** As npm links it, and as its commands start each other. */
const HOLDFAST: ReadonlySet<string> = new Set(['holdfast', 'holdfast.js', 'holdfast.ts']);
/** Its command for the same. */
const COMMANDS: Readonly<Record<Exclude<Role, 'temporal'>, string>> = {
  dev: 'dev',
  'temporal-server': 'temporal-server',
  web: 'web',
  worker: 'work',
  runner: 'no command runs it',
};

const LOOKS = 10;
const LOOK_EVERY_MS = 20;

export interface Doubt {
  readonly file: PidFile;
  /** See {@link doubtIn}. */
  readonly why: string;
}

/**
 * @param onDoubt told of a process that is not signalled since it is not what its file says; by default nobody is
 * @returns whether it was signalled; not when it has ended by itself either
 */
export function signalOurs(file: PidFile, signal: NodeJS.Signals, onDoubt: (doubt: Doubt) => void = () => {}): boolean {
  let why = doubtIn(file);
  // A process on its way out, such as a runner whose worker was killed just now, runs no program any more and is there for a moment yet.
  for (let looks = 0; why !== undefined && looks < LOOKS && isAlive(file); looks += 1) {
    pause(LOOK_EVERY_MS);
    why = doubtIn(file);
  }
  if (!isAlive(file)) return false;
  if (why !== undefined) {
    onDoubt({ file, why });
    return false;
  }
  try {
    return process.kill(file.pid, signal);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

/** @returns what the process is or does that its file does not say; `undefined` when both say the same */
export function doubtIn({ pid, role, root, owner }: PidFile): string | undefined {
  const facts = processFacts(pid);
  if (facts === undefined) return 'the system tells nothing of it';
  const { uid, command, folder } = facts;
  if (uid !== owner) return `it is user ${uid}’s, and the file user ${owner}’s`;
  if (!runs(role, command)) return `it runs ${command.join(' ').slice(0, 200)}`;
  return folder === undefined || folder === root ? undefined : `it works in ${folder}, not in ${root}`;
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function runs(role: Role, command: readonly string[]): boolean {
  if (role === 'temporal') return command.includes('start-dev');
  const program = PROGRAMS[role];
  return command.some(
    (word, place) =>
      [`${program}.ts`, `${program}.js`].includes(basename(word)) ||
      (HOLDFAST.has(basename(word)) && command[place + 1] === COMMANDS[role]),
  );
}
