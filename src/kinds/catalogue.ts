/** The kinds of one service, by their names. */
import { closest, distance } from 'fastest-levenshtein';
import { JobDefinitionError } from './define-job.ts';
import { type AnyJob } from './job-definition.ts';

export interface Catalogue {
  readonly jobs: readonly AnyJob[];
  find(kind: string): AnyJob | undefined;
}

/** @throws {JobDefinitionError} when a kind is there twice */
export function catalogueOf(jobs: readonly AnyJob[]): Catalogue {
  const byKind = new Map<string, AnyJob>();
  for (const job of jobs) {
    if (byKind.has(job.kind))
      throw new JobDefinitionError(`the kind ${job.kind} is listed twice: list one definition of it`);
    byKind.set(job.kind, job);
  }
  return { jobs: [...byKind.values()], find: (kind) => byKind.get(kind) };
}

/** For a process that runs jobs. @throws {JobDefinitionError} naming each kind without work */
export function checkWork({ jobs }: Catalogue): void {
  const without = jobs.filter(({ run }) => !run).map(({ kind }) => kind);
  if (without.length > 0)
    throw new JobDefinitionError(
      `without work: ${without.join(', ')}. List what implement() makes of the definition, or give the definition a run`,
    );
}

/** Names in a message. */
const KINDS_NAMED = 20;

/** What to say of a kind that nothing is called by, as the end of a sentence; names the kinds that are. */
export function unknownKind({ jobs }: Catalogue, kind: string): string {
  const kinds = jobs.map((job) => job.kind);
  const tried = kind.slice(0, 100);
  const said = `${JSON.stringify(tried)} is no kind of job here`;
  if (kinds.length === 0) return `${said}: holdfast.config lists none`;
  const alike = closest(tried, kinds);
  // Half of it may be wrong, as in a name without its suffix.
  if (distance(tried.toLowerCase(), alike.toLowerCase()) <= alike.length / 2) return `${said}; did you mean ${alike}?`;
  return `${said}; these are: ${kinds.slice(0, KINDS_NAMED).join(', ')}`;
}
