/** Tells a process from a later one with the same number. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { procStat } from './proc-stat.ts';

export interface ProcessIdentity {
  readonly pid: number;
  /** From the system, in a form that is only good for comparing. */
  readonly startedAt: string;
}

/** @returns `undefined` when there is no such process, or a zombie, which nobody has waited for yet */
export function processIdentity(pid: number): ProcessIdentity | undefined {
  const startedAt = startTime(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** Whether that very process still runs; a recycled pid or a zombie does not count. */
export function isAlive({ pid, startedAt }: ProcessIdentity): boolean {
  return startTime(pid) === startedAt;
}

function startTime(pid: number): string | undefined {
  try {
    return process.platform === 'linux' ? startTimeFromProc(pid) : startTimeFromPs(pid);
  } catch {
    return undefined;
  }
}

function startTimeFromProc(pid: number): string | undefined {
  const fields = procStat(pid);
  const [state, ticksSinceBoot] = [fields[0], fields[19]];
  if (state === 'Z' || state === 'X' || ticksSinceBoot === undefined) return undefined;
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return `${boot} ${ticksSinceBoot}`;
}

function startTimeFromPs(pid: number): string | undefined {
  const [, state, started] =
    /^(\S+)\s+(.+)$/.exec(
      execFileSync('ps', ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim(),
    ) ?? [];
  return state?.startsWith('Z') === true ? undefined : started;
}
