/** The view of a job that everybody reads, made from its record. */
import { isoTime } from '../contract/iso-time.ts';
import type { AttemptReport, AttemptView, JobView } from './job.ts';
import { stateOf, type AttemptRecord, type JobRecord } from './job-record.ts';

/** @param running what the worker said last, when it is known that a worker has the attempt */
export function viewJob(job: JobRecord, running?: AttemptReport): JobView {
  const isRunning = running !== undefined && job.phase === 'attempting';
  const attempts = job.attempts.map((attempt) => viewAttempt(attempt));
  const newest = attempts.at(-1);
  if (isRunning && newest)
    attempts[attempts.length - 1] = {
      ...newest,
      startedAt: isoTime(running.startedAt),
      worker: running.worker,
      stray: running.stray ?? null,
    };
  return {
    id: job.id,
    kind: job.kind,
    queue: job.queue,
    state: isRunning ? 'running' : stateOf(job),
    dueAt: isoTime(job.dueAt),
    attempt: job.spent,
    maxAttempts: job.maxAttempts,
    crashes: job.crashes,
    givenBack: job.phase === 'waiting' ? (job.givenBack ?? null) : null,
    // A retry of a dead job forgives it.
    suspect: (job.phase === 'waiting' || job.phase === 'attempting') && job.blame?.isSuspect === true,
    createdAt: isoTime(job.createdAt),
    startedAt: attempts.findLast((attempt) => attempt.startedAt !== null)?.startedAt ?? null,
    endedAt: isoOrNull(job.endedAt),
    progress: (isRunning ? running.progress : undefined) ?? job.progress ?? null,
    result: job.result ?? null,
    note: job.note ?? null,
    error: job.error ?? null,
    attempts,
    actionsTaken: (job.actions ?? []).map(({ type, at, by = null }) => ({ action: type, at: isoTime(at), by })),
  };
}

/** As an answer to an action, which stands in the history: what was before can be read there. */
export function newestOnly(view: JobView): JobView {
  return { ...view, attempts: view.attempts.slice(-1), actionsTaken: view.actionsTaken.slice(-1) };
}

function viewAttempt(attempt: AttemptRecord): AttemptView {
  return {
    number: attempt.number,
    startedAt: isoOrNull(attempt.startedAt),
    endedAt: isoOrNull(attempt.endedAt),
    outcome: attempt.outcome ?? null,
    worker: attempt.worker ?? null,
    error: attempt.error ?? null,
    evidence: attempt.evidence ?? null,
    stray: attempt.stray ?? null,
  };
}

const isoOrNull = (time: number | undefined): string | null => (time === undefined ? null : isoTime(time));
