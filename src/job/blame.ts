/**
 * Which job ends the processes it runs in. A process that dies takes all along that ran in it, and one of them may be why; nobody is
 * blamed for company. At two deaths in a row without progress a job is suspect, and runs alone in a fresh process; three deaths alone
 * make it dead. What ends otherwise than by a death is cleared.
 */
import type { AttemptReport, LossEvidence } from './job.ts';

/** What is held against a job; nothing is, until a process dies with it. */
export interface Blame {
  /** Deaths in a row without progress between them. */
  readonly deaths: number;
  /** Those of them that it died alone. */
  readonly alone: number;
  readonly isSuspect: boolean;
  /** When the last one died. @format milliseconds since 1970 */
  readonly lastAt: number;
  /** The furthest `done` of an attempt that crashed. */
  readonly reached?: number;
  /** Fingerprints of the checkpoints of attempts that crashed. */
  readonly checkpoints: readonly number[];
}

export interface Death {
  readonly evidence: LossEvidence;
  /** It may well have been this one. */
  readonly isSuspect?: boolean | undefined;
  readonly report?: AttemptReport | undefined;
  /** @format milliseconds since 1970 */
  readonly attemptStartedAt: number;
}

const DEATHS_UNTIL_SUSPECT = 2;
export const DEATHS_ALONE_UNTIL_DEAD = 3;
/** Whatever is known of them: somebody should look at a job that loses its process so often. */
export const CRASHES_UNTIL_DEAD = 20;
/** A process that dies of a job does so soon or at the same place; what dies so much later is another story. */
const FORGOTTEN_AFTER_MS = 60 * 60_000;

const LONGEST_PAUSE_MS = 30_000;

export function blameFor(before: Blame | undefined, death: Death, at: number): Blame {
  // How long the attempt itself ran does not count.
  const known = before && death.attemptStartedAt - before.lastAt <= FORGOTTEN_AFTER_MS ? before : undefined;
  const { progress, checkpoint } = death.report ?? {};
  const fingerprint = checkpoint === undefined ? undefined : fingerprintOf(checkpoint);
  const isFurther = (progress?.done ?? -Infinity) > (known?.reached ?? -Infinity);
  const isElsewhere = fingerprint !== undefined && !known?.checkpoints.includes(fingerprint);
  const counted = known && !isFurther && !isElsewhere ? known : undefined;
  const deaths = (counted?.deaths ?? 0) + 1;
  const reached = isFurther ? progress?.done : known?.reached;
  return {
    deaths,
    alone: (counted?.alone ?? 0) + (death.evidence === 'alone' ? 1 : 0),
    isSuspect: death.isSuspect === true || known?.isSuspect === true || deaths >= DEATHS_UNTIL_SUSPECT,
    lastAt: at,
    ...(reached !== undefined && { reached }),
    checkpoints: isElsewhere ? [...(known?.checkpoints ?? []), fingerprint] : (known?.checkpoints ?? []),
  };
}

export function isGuilty({ alone }: Blame): boolean {
  return alone >= DEATHS_ALONE_UNTIL_DEAD;
}

/** How long the next attempt waits: not at all after the first death, and then longer each time. @format milliseconds */
export function pauseAfter({ deaths }: Blame): number {
  return deaths < 2 ? 0 : Math.min(1_000 * 2 ** (deaths - 2), LONGEST_PAUSE_MS);
}

/** FNV-1a: tells checkpoints apart, and needs no library in a workflow. */
function fingerprintOf(checkpoint: unknown): number {
  const text = JSON.stringify(checkpoint);
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
