/** The due time that lists show was reckoned by the clock of the process that started the workflow; what counts is Temporal's. */
import { WORTH_CORRECTING_MS } from './decisions.ts';

/** Both in milliseconds since 1970. */
export function isListedWrongly(listed: number | undefined, dueAt: number): boolean {
  return listed === undefined || Math.abs(listed - dueAt) > WORTH_CORRECTING_MS;
}
