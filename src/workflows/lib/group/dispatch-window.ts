/**
 * When a group hands its next jobs out, and how far ahead. A worker begins each at its own time, so handing out early costs no
 * punctuality; handing out often costs the server: each time is a timer, an activity and two workflow tasks.
 */
import { AHEAD_MS, MANY, SPREAD_OVER_MS, TOGETHER_MS } from '../decisions.ts';

interface Outlook {
  /** @format milliseconds since 1970 */
  readonly handOutAt: number;
  /** What is due by this time goes out then. @format milliseconds since 1970 */
  readonly until: number;
}

/**
 * @param dueTimes of the jobs that only wait for their time, in any order
 * @param share a group's own, from 0 to 1: when it wakes among all those that have as much to do
 * @returns `undefined` when nothing waits
 */
export function dispatchWindow(dueTimes: readonly number[], now: number, share: number): Outlook | undefined {
  if (dueTimes.length === 0) return undefined;
  const first = dueTimes.reduce((earliest, time) => Math.min(earliest, time));
  const soon = now + AHEAD_MS;
  if (dueTimes.filter((time) => time <= first + TOGETHER_MS).length < MANY)
    return { handOutAt: first - AHEAD_MS, until: soon };
  // Each group divides time in its own places.
  const phase = share * TOGETHER_MS;
  const together = phase + (Math.floor((first - phase) / TOGETHER_MS) + 1) * TOGETHER_MS;
  const next = together + TOGETHER_MS;
  // A handful that is left behind would wake the group again and again.
  const isLast = dueTimes.filter((time) => time > together && time <= next).length < MANY;
  return { handOutAt: first - AHEAD_MS - share * SPREAD_OVER_MS, until: Math.max(isLast ? next : together, soon) };
}
