/** The activity that runs one attempt of a job: waits for its slot, heartbeats every second, whatever the handler does, and tells its keeper. */
import { Context } from '@temporalio/activity';
import type { JobKind } from '../contract/job-kinds.ts';
import type { AttemptInput, AttemptReport, AttemptSuccess } from '../contract/job.ts';
import type { ActivityDependencies, Handler } from './attempt.ts';
import { runHandler } from './run-handler.ts';
import type { Slot } from './slots.ts';

export const HEARTBEAT_EVERY_MS = 1_000;

type AttemptActivity<K extends JobKind> = (input: AttemptInput<K>) => Promise<AttemptSuccess<K>>;

export function runAttempt<K extends JobKind>(handler: Handler<K>, deps: ActivityDependencies): AttemptActivity<K> {
  return async (input) => {
    const context = Context.current();
    const { base64TaskToken } = context.info;
    let report: AttemptReport = { startedAt: Date.now(), worker: deps.worker };
    const heartbeat = (): void => context.heartbeat(report);
    deps.observer?.started(base64TaskToken, report);
    heartbeat();
    const beating = setInterval(heartbeat, HEARTBEAT_EVERY_MS);
    const { cancellationSignal } = context;
    const { slots, stopping } = deps;
    const noTurn = stopping ? AbortSignal.any([cancellationSignal, stopping]) : cancellationSignal;
    let slot: Slot | undefined;
    try {
      slot = await slots?.(input.queue).take(context.info.priority?.priorityKey, noTurn);
      const mayBegin = slot !== undefined || !slots;
      if (slot) report = { ...report, startedAt: Date.now() };
      return await runHandler({
        handler,
        input,
        deps,
        startedAt: report.startedAt,
        signal: mayBegin ? cancellationSignal : noTurn,
        workerStops: () =>
          context.cancellationDetails?.workerShutdown === true || (!mayBegin && !cancellationSignal.aborted),
        onProgress(progressed) {
          report = progressed;
          heartbeat();
          deps.observer?.progressed(base64TaskToken, report);
        },
      });
    } finally {
      slot?.release();
      clearInterval(beating);
      deps.observer?.ended(base64TaskToken);
    }
  };
}
