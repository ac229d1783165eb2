/**
 * The version of everything that histories hold: inputs of workflows and activities, and messages. While workers are replaced, older
 * ones get what newer ones wrote. What an older version would misread says so itself, in a field `needs`: an older worker then leaves
 * it to a newer one, and nothing is lost meanwhile.
 */

/** Raise it with each field that an older version must not ignore, and send `needs` with what has that field. */
export const FORMAT = 1;

/** Whether a newer version wrote this, and only a newer one can read it. */
export function needsNewer(sent: unknown): boolean {
  const { needs } = (typeof sent === 'object' && sent !== null ? sent : {}) as { readonly needs?: unknown };
  return typeof needs === 'number' && needs > FORMAT;
}

/** Fails a workflow task, which Temporal repeats until a worker takes it that can read what this one cannot. */
export class NeedsNewerWorkerError extends Error {
  override readonly name = 'NeedsNewerWorkerError';
  constructor(what: string) {
    super(`${what} was written by a newer version of Holdfast, and needs a newer worker than this one`);
  }
}
