/** Every activity that workers know, made from what they need. Each name stands in histories: add, never rename. */
import type { ActivityDependencies, Handlers } from './attempt.ts';
import { logName } from './handlers/log-name.ts';
import { writeReport } from './handlers/write-report.ts';
import { runAttempt } from './run-attempt.ts';
import { runChunk } from './run-chunk.ts';

/** @param others other work for some kinds, for tests */
export function createActivities(deps: ActivityDependencies, others: Partial<Handlers> = {}) {
  const handlers: Handlers = { NameWorkflow: logName, ReportWorkflow: writeReport(deps.reportsFolder), ...others };
  return {
    logName: runAttempt(handlers.NameWorkflow, deps),
    writeReport: runAttempt(handlers.ReportWorkflow, deps),
    runChunk: runChunk(handlers, deps),
  };
}

export type Activities = ReturnType<typeof createActivities>;
