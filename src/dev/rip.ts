/** SIGKILL, to see the promise kept. Only processes that this home's pid files vouch for are touched. */
import { readPidFiles, type PidFile, type Role } from '../process/pid-files.ts';

export const RIP_TARGETS = ['worker', 'web', 'temporal', 'all'] as const;
export type RipTarget = (typeof RIP_TARGETS)[number];

/** In the order of killing: a worker that outlived its runners by a moment would start new ones. */
const ROLES_OF: Record<RipTarget, readonly Role[]> = {
  worker: ['worker', 'runner'],
  web: ['web'],
  // Not the process that looks after it, which ends by itself and is started again with a line that says why.
  temporal: ['temporal'],
  all: ['temporal-server', 'worker', 'runner', 'web', 'temporal'],
};

const ONE_RUNNER: readonly Role[] = ['runner'];

/**
 * Kills, and returns what was killed, in that order.
 * @param options.one a single process: one runner, which its worker replaces
 */
export function rip(home: string, target: RipTarget, { one = false } = {}): PidFile[] {
  const roles = one && target === 'worker' ? ONE_RUNNER : ROLES_OF[target];
  const found = readPidFiles(home, ...roles).sort((a, b) => roles.indexOf(a.role) - roles.indexOf(b.role));
  return found.slice(0, one ? 1 : undefined).filter(kill);
}

/** @returns false when the process ended by itself between the look and the kill */
function kill({ pid }: PidFile): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}
