/** The activity that runs one attempt of a job: waits for its slot, has a runner do the work, and heartbeats every second meanwhile. */
import { Context } from '@temporalio/activity';
import { needsNewer } from '../contract/format.ts';
import { attemptCancelled, attemptInterrupted, failureOf, notReadableHere } from '../job/attempt-end.ts';
import type { AttemptEnd } from '../job/job-events.ts';
import type { AttemptInput, AttemptReport, AttemptSuccess } from '../job/job.ts';
import { activityInHand, type ActivityDependencies } from './dependencies.ts';
import type { AttemptInHand } from './runners.ts';
import type { Slot } from './slots.ts';

export const HEARTBEAT_EVERY_MS = 1_000;

/**
 * So long does an attempt wait for a slot that a chunk took which came at the same moment. Then it goes back into its queue, where the job
 * can be moved and other workers can take it: one that only waits is not running. @format milliseconds
 */
const BEGIN_WITHIN_MS = 500;

export function runAttempt(deps: ActivityDependencies) {
  return async (input: AttemptInput): Promise<AttemptSuccess> => {
    const context = Context.current();
    const waiting: AttemptReport = { startedAt: Date.now(), worker: deps.worker };
    if (needsNewer(input)) throw failureOf(notReadableHere(deps.worker));
    let attempt: AttemptInHand | undefined;
    const heartbeat = (): void => context.heartbeat(attempt?.report ?? waiting);
    using _note = deps.note?.(activityInHand(context.info));
    heartbeat();
    const beating = setInterval(heartbeat, HEARTBEAT_EVERY_MS);
    try {
      const slot = await turnOf(input, context, deps);
      const end = slot === 'none' ? withoutTurn(context, deps, waiting) : await run(slot);
      if (end.as !== 'done') throw failureOf(end);
      return end.report;
    } finally {
      clearInterval(beating);
    }

    async function run(slot: Slot | undefined): Promise<AttemptEnd> {
      const { promise, resolve } = Promise.withResolvers<AttemptEnd>();
      const { cancellationSignal } = context;
      const inHand = deps.runners.run(input, {
        // The next heartbeat says so.
        begun() {},
        changed: heartbeat,
        ended: resolve,
        over: () => slot?.release(),
      });
      attempt = inHand;
      const stop = (): void => inHand.abort(isStopping(context) ? 'stopped' : 'cancelled');
      if (cancellationSignal.aborted) stop();
      cancellationSignal.addEventListener('abort', stop, { once: true });
      const graceOver = (): void => inHand.abort('stopped');
      deps.graceOver?.addEventListener('abort', graceOver, { once: true });
      try {
        return await promise;
      } finally {
        cancellationSignal.removeEventListener('abort', stop);
        deps.graceOver?.removeEventListener('abort', graceOver);
      }
    }
  };
}

/** @returns `undefined` where nothing bounds a queue, `none` when it was cancelled, or the worker stopped, or no slot was free in time */
async function turnOf(
  { queue }: AttemptInput,
  { cancellationSignal, info }: Context,
  { slots, stopping }: ActivityDependencies,
): Promise<Slot | undefined | 'none'> {
  if (cancellationSignal.aborted) return 'none';
  if (!slots) return undefined;
  const signal = stopping ? AbortSignal.any([cancellationSignal, stopping]) : cancellationSignal;
  const turn = { priority: info.priority?.priorityKey, signal, withinMs: BEGIN_WITHIN_MS };
  return (await slots(queue).take(turn)) ?? 'none';
}

/** Before it began, somebody cancelled it, or its worker stops, or has no room for it. */
function withoutTurn(context: Context, { stopping }: ActivityDependencies, report: AttemptReport): AttemptEnd {
  if (context.cancellationSignal.aborted && !isStopping(context)) return attemptCancelled(report);
  if (context.cancellationSignal.aborted || stopping?.aborted)
    return attemptInterrupted(`${report.worker} was stopped before the attempt began`, report);
  return { as: 'returned', delayMs: 0 };
}

function isStopping({ cancellationDetails }: Context): boolean {
  return cancellationDetails?.workerShutdown === true;
}
