/** States that lists cannot tell from a workflow's status and due time: these alone are upserted. */
import type { JobState } from '../../job/job-states.ts';

const OFF_THE_HAPPY_PATH: ReadonlySet<JobState> = new Set(['retrying', 'paused', 'dead', 'discarded', 'cancelled']);

export function isOffTheHappyPath(state: JobState): boolean {
  return OFF_THE_HAPPY_PATH.has(state);
}
