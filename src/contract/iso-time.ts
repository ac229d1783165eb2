/** Times as everybody reads them: ISO 8601 with milliseconds, in years that have four digits. */

/** The first moment of the year 0000. */
const EARLIEST = -62_167_219_200_000;
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Whether a value that came from outside is a moment that can be shown. @format milliseconds since 1970 */
export function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= EARLIEST && value <= LATEST;
}

/** Never throws: what lies beyond the calendar is its end, and what is no time is 1970. */
export function isoTime(time: number): string {
  return new Date(Math.min(LATEST, Math.max(EARLIEST, time)) || 0).toISOString();
}
