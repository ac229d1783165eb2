/**
 * Which processes of this home are running: `<home>/pids/<role>-<pid>.pid`. A pid alone proves nothing, because the system
 * hands it out again; the start time beside it tells the process that wrote the file from a stranger with the same number.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { fileProblem, MachineError } from './errors.ts';
import { isAlive, processIdentity } from './process-identity.ts';

/** `temporal` is the server itself, `temporal-server` the process that looks after it; `worker` is the parent of `runner`s. */
const ROLES = ['dev', 'temporal-server', 'temporal', 'web', 'worker', 'runner'] as const;
export type Role = (typeof ROLES)[number];

const PID_FILE = z.object({
  pid: z.int().positive(),
  role: z.enum(ROLES),
  /** From the system, in a form that is only good for comparing. */
  startedAt: z.string(),
  /** Folder that the process was started in. */
  root: z.string(),
});
export type PidFile = Readonly<z.infer<typeof PID_FILE>>;

/**
 * Says that a process runs in this role. The file goes when the result is disposed of, or with this process unless that was written for
 * another that still runs; after a SIGKILL it stays, and the next {@link readPidFiles} clears it away.
 * @throws {MachineError} when it cannot be written
 */
export function writePidFile(home: string, role: Role, pid: number = process.pid): Disposable {
  const identity = processIdentity(pid);
  if (!identity) throw new Error(`There is no process ${pid} to write a pid file for (role ${role}).`);
  const folder = pidFolder(home);
  const file = join(folder, `${role}-${pid}.pid`);
  const content: PidFile = { ...identity, role, root: process.cwd() };
  try {
    mkdirSync(folder, { recursive: true });
    // Renamed into place: a reader must never see half a file, for it would take that for a stale one.
    writeFileSync(`${file}.new`, JSON.stringify(content));
    renameSync(`${file}.new`, file);
  } catch (error) {
    throw new MachineError(fileProblem(error, folder) ?? `Cannot write ${file}: ${String(error)}`, { cause: error });
  }

  const remove = (): void => rmSync(file, { force: true });
  // Another process may outlive this one, and has to be found then.
  const removeAtExit = (): void => {
    if (pid === process.pid || !isAlive(content)) remove();
  };
  process.once('exit', removeAtExit);
  return {
    [Symbol.dispose]() {
      process.off('exit', removeAtExit);
      remove();
    },
  };
}

/** Those whose process is alive and the one that the file was written for. Stale files are removed. */
export function readPidFiles(home: string, ...roles: readonly Role[]): PidFile[] {
  const live: PidFile[] = [];
  for (const name of listFolder(pidFolder(home))) {
    const file = join(pidFolder(home), name);
    const entry = parse(file);
    if (entry !== undefined && isAlive(entry)) live.push(entry);
    else rmSync(file, { force: true });
  }
  return roles.length === 0 ? live : live.filter(({ role }) => roles.includes(role));
}

function pidFolder(home: string): string {
  return join(home, 'pids');
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.pid'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

function parse(file: string): PidFile | undefined {
  try {
    return PID_FILE.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}
