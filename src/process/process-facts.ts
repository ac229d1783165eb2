/** What the system says of a process: whose it is, what it runs, and where. */
import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';

interface ProcessFacts {
  /** User that it runs as. */
  readonly uid: number;
  /** Its program and arguments. */
  readonly command: readonly string[];
  /** That it works in; `undefined` where the system does not say. */
  readonly folder: string | undefined;
}

/** @returns `undefined` when there is no such process, or nothing is said of it to this user */
export function processFacts(pid: number): ProcessFacts | undefined {
  try {
    return process.platform === 'linux' ? factsFromProc(pid) : factsFromPs(pid);
  } catch {
    return undefined;
  }
}

function factsFromProc(pid: number): ProcessFacts {
  // Real, effective, saved and of the file system.
  const uid = /^Uid:\t\d+\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return {
    uid: Number(uid),
    command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1),
    folder: readlinkSync(`/proc/${pid}/cwd`),
  };
}

function factsFromPs(pid: number): ProcessFacts | undefined {
  const said = execFileSync('ps', ['-ww', '-o', 'uid=', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  const [, uid, command] = /^\s*(\d+)\s+(.+)$/m.exec(said) ?? [];
  return command === undefined ? undefined : { uid: Number(uid), command: command.split(' '), folder: undefined };
}
