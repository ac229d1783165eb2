/** Every activity that workers know, made from what they need. Each name stands in histories: add, never rename. */
import type { ActivityDependencies } from './dependencies.ts';
import { runAttempt } from './run-attempt.ts';
import { runChunk } from './run-chunk.ts';

export function createActivities(deps: ActivityDependencies) {
  return {
    runAttempt: runAttempt(deps),
    runChunk: runChunk(deps),
  };
}

export type Activities = ReturnType<typeof createActivities>;
