/** The due time that lists show was reckoned by the clock of whoever started the workflow; what counts is Temporal's. */

/** To correct it costs an upsert, so only where a person would be misled. @format milliseconds */
const WORTH_CORRECTING_MS = 5_000;

/** Both in milliseconds since 1970. */
export function isListedWrongly(listed: number | undefined, dueAt: number): boolean {
  return listed === undefined || Math.abs(listed - dueAt) > WORTH_CORRECTING_MS;
}
