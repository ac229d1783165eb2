/** Every activity that workers know, made from what they need. Each name stands in histories: add, never rename. */
import type { ActivityDependencies } from './attempt.ts';
import { logName } from './handlers/log-name.ts';
import { writeReport } from './handlers/write-report.ts';
import { runAttempt } from './run-attempt.ts';

export function createActivities(deps: ActivityDependencies) {
  return {
    logName: runAttempt(logName, deps),
    writeReport: runAttempt(writeReport(deps.reportsFolder), deps),
  };
}

export type Activities = ReturnType<typeof createActivities>;
