/** SIGKILL, to see the promise kept. Only processes that this home's pid files vouch for are touched. */
import { readPidFiles, type PidFile, type Role } from '../process/pid-files.ts';
import { signalOurs, type Doubt } from '../process/signal-ours.ts';

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

interface RipOptions {
  /** A single process: one runner, which its worker replaces. @default false */
  readonly one?: boolean;
  /** Told of what was left alone, since it is not what its pid file says. @default nobody is told */
  readonly onDoubt?: (doubt: Doubt) => void;
}

/** Kills, and returns what was killed, in that order. */
export function rip(home: string, target: RipTarget, { one = false, onDoubt }: RipOptions = {}): PidFile[] {
  const roles = one && target === 'worker' ? ONE_RUNNER : ROLES_OF[target];
  const found = readPidFiles(home, ...roles).sort((a, b) => roles.indexOf(a.role) - roles.indexOf(b.role));
  return found.slice(0, one ? 1 : undefined).filter((file) => signalOurs(file, 'SIGKILL', onDoubt));
}
