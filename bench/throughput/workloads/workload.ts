/** What is asked of a system: how many jobs, by how many callers, due when. */
import type { Recording } from '../recording.ts';

export interface Load {
  readonly what: string;
  /** Jobs of a round, by how they travel: what takes a workflow each is a hundred times slower, and gets fewer. */
  readonly jobs: { readonly inGroups: number; readonly alone: number };
  /** Whether figures depend on how many jobs there are: with all due together they do, with callers that wait they do not. */
  readonly countMatters: boolean;
  /** Whether every round wants a server and workers that have seen nothing but a warm-up; else the first round is the warm-up. */
  readonly freshServer: boolean;
  /** One round, on every road that is measured together. */
  run(roads: readonly Recording[]): Promise<void>;
}

export type JobCounts = Load['jobs'];
