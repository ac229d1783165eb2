/** How deeply JSON may be nested: it is parsed without a stack and written with one, so what came in might never get out again. */
import { LIMITS } from './limits.ts';

/** What stands round a job's arguments on their way: inputs, records, chunks. */
const AROUND = 50;

/** @param bytes that it took as JSON */
export function isNestedTooDeeply(value: unknown, bytes: number): boolean {
  const levels = LIMITS.nesting + AROUND;
  // Each level takes two brackets, so most of what comes need not be looked at.
  return bytes > 2 * levels && isDeeperThan(levels, value);
}

export function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (ArrayBuffer.isView(value)) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeperThan(levels - 1, inner));
}
