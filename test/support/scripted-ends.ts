/** Ends of attempts that only a worker can tell, for scripts to throw. */
import type { UnsuccessfulEnd } from '../../src/job/attempt-end.ts';
import { FAILURE } from '../../src/contract/failures.ts';
import type { NotHere } from '../../src/job/job-events.ts';
import type { LossEvidence } from '../../src/job/job.ts';

export class ScriptedEnd extends Error {
  readonly end: UnsuccessfulEnd;

  constructor(end: UnsuccessfulEnd) {
    super(end.as);
    this.end = end;
  }
}

/** Its process dies. */
export function lost(evidence: LossEvidence = 'shared', isSuspect = false): never {
  const error = { type: FAILURE.workerLost, message: 'its process was killed by SIGKILL while nothing else ran in it' };
  throw new ScriptedEnd({ as: 'crashed', error, evidence, ...(isSuspect && { isSuspect }) });
}

/** Its worker is stopped. */
export function stopped(): never {
  throw new ScriptedEnd({ as: 'interrupted', error: { type: FAILURE.workerStopped, message: 'deploy' } });
}

/** Its worker has no room for it. */
export function returned(delayMs: number): never {
  throw new ScriptedEnd({ as: 'returned', delayMs });
}

/** Its worker cannot run it, and leaves it to others. */
export function notHere(why: NotHere['why'] = 'unknownKind', worker = 'scripted'): never {
  throw new ScriptedEnd({ as: 'returned', delayMs: 0, notHere: { why, worker } });
}
