/**
 * What came out of a runner's pipe, if it is what runners say. Application code of that process can write there too, as when it closes a
 * file twice and writes into what was opened meanwhile: it must not end the process that talks to Temporal.
 */
import { isObject } from '../../job/field-checks.ts';
import type { FromRunner } from '../../runner/messages.ts';

/** @returns `undefined` for a line that no runner wrote */
export function readMessages(line: string): readonly FromRunner[] | undefined {
  try {
    const said: unknown = JSON.parse(line);
    return Array.isArray(said) && said.every(isMessage) ? said : undefined;
  } catch {
    return undefined;
  }
}

function isMessage(said: unknown): said is FromRunner {
  if (!Array.isArray(said)) return false;
  const [word, ...parts] = said as unknown[];
  return typeof word === 'string' && Object.hasOwn(PARTS, word) && PARTS[word as FromRunner[0]](parts);
}

const PARTS: Readonly<Record<FromRunner[0], (parts: readonly unknown[]) => boolean>> = {
  ready: ([heapMb, kinds]) =>
    isNumber(heapMb) &&
    isObject(kinds) &&
    Object.values(kinds).every((traits) => isObject(traits) && typeof traits['queue'] === 'string'),
  leaving: () => true,
  enqueue: ([id, call, key, request]) => isNumber(id) && isNumber(call) && typeof key === 'string' && isObject(request),
  begun: (ids) => ids.every(isNumber),
  ended: ([id, end]) => isNumber(id) && isEnd(end),
  progress: ([id, done, total, checkpointJson]) =>
    [id, done, total].every(isNumber) && (checkpointJson === undefined || typeof checkpointJson === 'string'),
  stale: ([id]) => isNumber(id),
  alive: () => true,
  stray: ([stray]) => isObject(stray) && typeof stray['text'] === 'string',
  exiting: ([id]) => id === null || isNumber(id),
};

function isEnd(end: unknown): boolean {
  if (!isObject(end)) return false;
  return (
    end['as'] === 'done' ||
    end['as'] === 'unknownKind' ||
    ((end['as'] === 'failed' || end['as'] === 'discarded') && isObject(end['error']))
  );
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number';
}
