/** What the system says of a process: whether it is stopped, which nobody can tell from its silence. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { procStat } from './proc-stat.ts';

const run = promisify(execFile);

/** Whether it stands still by a signal (`SIGSTOP`, a debugger, a frozen container), and so does not merely compute. */
export async function isStopped(pid: number): Promise<boolean> {
  return /^[Tt]/.test(await stateOf(pid));
}

async function stateOf(pid: number): Promise<string> {
  try {
    if (process.platform !== 'linux') return (await run('ps', ['-o', 'state=', '-p', String(pid)])).stdout.trim();
    return procStat(pid)[0] ?? '';
  } catch {
    return '';
  }
}
