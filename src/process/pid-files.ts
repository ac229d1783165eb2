/**
 * Which processes of this home are running: `<home>/pids/<role>-<pid>.pid`. A pid alone proves nothing, because the system
 * hands it out again; the start time beside it tells the process that wrote the file from a stranger with the same number.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { fileProblem, MachineError } from './errors.ts';
import { processFacts } from './process-facts.ts';
import { isAlive, processIdentity } from './process-identity.ts';

/** `temporal` is the server itself, `temporal-server` the process that looks after it; `worker` is the parent of `runner`s. */
const ROLES = ['dev', 'temporal-server', 'temporal', 'web', 'worker', 'runner'] as const;
export type Role = (typeof ROLES)[number];

const CONTENT = z.object({
  pid: z.int().positive(),
  role: z.enum(ROLES),
  /** From the system, in a form that is only good for comparing. */
  startedAt: z.string(),
  /** Folder that the process was started in. */
  root: z.string(),
});
type Content = Readonly<z.infer<typeof CONTENT>>;

export interface PidFile extends Content {
  /** User whose file it is. */
  readonly owner: number;
}

/** No other file in the folder is touched, whosever it is. */
const NAME = new RegExp(`^(${ROLES.join('|')})-(\\d+)\\.pid$`);

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
  const content: Content = { ...identity, role, root: processFacts(pid)?.folder ?? process.cwd() };
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    refuseLink(folder);
    rmSync(`${file}.new`, { force: true });
    // Made by this call or not at all, so never through a link that somebody left there. Renamed into place: a reader must never see
    // half a file, for it would take that for a stale one.
    writeFileSync(`${file}.new`, JSON.stringify(content), { flag: 'wx', mode: 0o600 });
    renameSync(`${file}.new`, file);
  } catch (error) {
    if (error instanceof MachineError) throw error;
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

/** Those whose process is alive and the one that the file was written for. Stale files are removed. @throws {MachineError} */
export function readPidFiles(home: string, ...roles: readonly Role[]): PidFile[] {
  const live: PidFile[] = [];
  for (const name of listFolder(pidFolder(home))) {
    const file = join(pidFolder(home), name);
    const entry = read(file);
    if (entry === 'no file') continue;
    if (entry !== undefined && `${entry.role}-${entry.pid}.pid` === name && isAlive(entry)) live.push(entry);
    else rmSync(file, { force: true });
  }
  return roles.length === 0 ? live : live.filter(({ role }) => roles.includes(role));
}

function pidFolder(home: string): string {
  return join(home, 'pids');
}

function listFolder(folder: string): string[] {
  try {
    refuseLink(folder);
    return readdirSync(folder).filter((name) => NAME.test(name));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

/** A user who can make one could have us write, and delete, files anywhere. */
function refuseLink(folder: string): void {
  if (lstatSync(folder).isSymbolicLink())
    throw new MachineError(`${folder} is a symbolic link, which Holdfast does not follow. Remove it and start again.`);
}

/** @returns `undefined` for what is no pid file of ours, `no file` for what is gone, or a link or a folder, and stays where it is */
function read(path: string): PidFile | 'no file' | undefined {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return 'no file';
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) return 'no file';
    return { ...CONTENT.parse(JSON.parse(readFileSync(file, 'utf8'))), owner: stat.uid };
  } catch {
    return undefined;
  } finally {
    closeSync(file);
  }
}
