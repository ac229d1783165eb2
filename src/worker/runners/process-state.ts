/** What the system says of a process: whether it is stopped, which nobody can tell from its silence. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Whether it stands still by a signal (`SIGSTOP`, a debugger, a frozen container), and so does not merely compute. */
export async function isStopped(pid: number): Promise<boolean> {
  return /^[Tt]/.test(await stateOf(pid));
}

async function stateOf(pid: number): Promise<string> {
  try {
    if (process.platform !== 'linux') return (await run('ps', ['-o', 'state=', '-p', String(pid)])).stdout.trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets, and may itself hold spaces and brackets.
    return stat.slice(stat.lastIndexOf(')') + 2);
  } catch {
    return '';
  }
}
