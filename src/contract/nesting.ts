/** How deeply JSON may be nested: it is parsed without a stack and written with one, so what came in might never get out again. */
import { LIMITS } from './limits.ts';

/** What stands round a job's arguments on their way: inputs, records, chunks. */
const AROUND = 50;

const LEVELS = LIMITS.nesting + AROUND;

/** @param bytes that it took as JSON: each level takes two brackets, so most of what comes need not be looked at */
export function isNestedTooDeeply(value: unknown, bytes: number): boolean {
  return bytes > 2 * LEVELS && isDeeperThan(LEVELS, value);
}

/** The same by its JSON, where that is at hand: for the input of a group that is ten times faster. */
export function isJsonNestedTooDeeply(json: Uint8Array): boolean {
  return json.length > 2 * LEVELS && isJsonDeeperThan(LEVELS, json);
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const [LIST, OBJECT] = [0x5b, 0x7b];
const [END_OF_LIST, END_OF_OBJECT] = [0x5d, 0x7d];

/** @param json well-formed, in UTF-8 */
export function isJsonDeeperThan(levels: number, json: Uint8Array): boolean {
  let depth = 0;
  let isInText = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] ?? 0;
    if (byte === QUOTE) isInText = !isInText;
    else if (isInText) {
      if (byte === BACKSLASH) at += 1;
    } else if (byte === LIST || byte === OBJECT) {
      depth += 1;
      if (depth > levels) return true;
    } else if (byte === END_OF_LIST || byte === END_OF_OBJECT) depth -= 1;
  }
  return false;
}

export function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (ArrayBuffer.isView(value)) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeperThan(levels - 1, inner));
}
