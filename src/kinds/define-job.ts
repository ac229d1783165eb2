/**
 * A kind of job: its name, its arguments, its options and its work. One file of an application is a kind.
 *
 * ```ts
 * export const sendInvoice = defineJob('SendInvoice', {
 *   args: z.object({ invoiceId: z.string() }),
 *   queue: 'mailers',
 *   run: async ({ invoiceId }, attempt) => { … },
 * });
 * ```
 */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { isKindName, KIND_NAME_RULE } from '../contract/kind-names.ts';
import { DEFAULT_QUEUE } from '../contract/queues.ts';
import { FIELD_CHECKS } from '../job/field-checks.ts';
import type { JobOptions } from '../job/job-options.ts';
import { DEFAULT_MAX_ATTEMPTS, DEFAULT_RETRY_DELAYS_MS } from '../job/retry-delays.ts';
import type { ArgsSchema, JobDefinition, Run } from './job-definition.ts';

/** Longest that one attempt may take, of kinds that do not say. @format milliseconds */
const DEFAULT_TIMEOUT_MS = 60_000;

export interface JobSettings<Schema extends ArgsSchema, Result, World> {
  /** Any Standard Schema, such as zod's, Valibot's or ArkType's. It is checked where a job is enqueued, and again where it runs. */
  readonly args: Schema;
  /** Absent where another file has the work: see {@link implement}. */
  readonly run?: Run<StandardSchemaV1.InferOutput<Schema>, Result, World>;
  /** What the work returns: types the result where the work is not at hand, and checks it when it is read. @default unchecked */
  readonly result?: StandardSchemaV1<unknown, Result>;
  /** One sentence for the API's documentation. */
  readonly summary?: string;
  /** Whose workers run it. @default default */
  readonly queue?: string;
  /** Attempts that a job may spend before it is dead; crashes do not count. @default 25 */
  readonly maxAttempts?: number;
  /** Delays between attempts; the last one repeats. @default 3 s, growing to once per 24 h. @format milliseconds */
  readonly retryDelaysMs?: readonly number[];
  /** Longest that one attempt may take; longer is a failure, so too low kills healthy work. @default 60000. @format milliseconds */
  readonly timeoutMs?: number;
  /**
   * `inGroups`: jobs that are enqueued at the same time share a workflow, which is fast; results have 16 KiB, checkpoints 4 KiB.
   * `alone`: for work that takes minutes; results have 512 KiB, checkpoints 256 KiB. @default inGroups
   */
  readonly travels?: JobOptions['travels'];
  /** Whether each attempt runs in a process of its own, which costs its start: for work that computes, leaks or crashes. @default false */
  readonly isolated?: boolean;
  /** For how long its work may compute without a pause, before its process is ended. @default the worker's. @format milliseconds */
  readonly maxBusyMs?: number;
}

/** Thrown where a kind is defined that cannot be one; the message names the kind and what to mend. */
export class JobDefinitionError extends Error {
  override readonly name = 'JobDefinitionError';
}

/** @throws {JobDefinitionError} */
export function defineJob<const Kind extends string, Schema extends ArgsSchema, Result = unknown, World = unknown>(
  kind: Kind,
  settings: JobSettings<Schema, Result, World>,
): JobDefinition<Kind, Schema, Result, World> {
  if (!isKindName(kind))
    throw new JobDefinitionError(`${JSON.stringify(kind)} cannot name a kind: it must be ${KIND_NAME_RULE}`);
  if (typeof settings.args?.['~standard']?.validate !== 'function')
    throw new JobDefinitionError(`${kind}: args must be a Standard Schema, such as z.object({ … })`);
  const { queue = DEFAULT_QUEUE, isolated = false, maxBusyMs, summary } = settings;
  const options: JobOptions = {
    maxAttempts: settings.maxAttempts ?? DEFAULT_MAX_ATTEMPTS,
    retryDelaysMs: settings.retryDelaysMs ?? DEFAULT_RETRY_DELAYS_MS,
    timeoutMs: settings.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    travels: settings.travels ?? 'inGroups',
  };
  checkFields(kind, { queue, ...options });
  if (maxBusyMs !== undefined && !(maxBusyMs >= 1_000 && maxBusyMs <= 3_000_000))
    throw new JobDefinitionError(`${kind}: maxBusyMs must be from 1000 to 3000000 milliseconds`);
  const { args, run, result } = settings;
  return { kind, args, run, result, summary, queue, options, isolated, maxBusyMs };
}

/** The work of a kind that was defined without, say in a file that programs which only enqueue need not load. */
export function implement<Kind extends string, Schema extends ArgsSchema, Result, World = unknown>(
  job: JobDefinition<Kind, Schema, Result>,
  run: Run<StandardSchemaV1.InferOutput<Schema>, Result, World>,
): JobDefinition<Kind, Schema, Result, World> {
  if (job.run) throw new JobDefinitionError(`${job.kind} has its work already`);
  return { ...job, run };
}

function checkFields(kind: string, fields: Readonly<Record<keyof JobOptions | 'queue', unknown>>): void {
  for (const name of ['queue', 'maxAttempts', 'retryDelaysMs', 'timeoutMs', 'travels'] as const) {
    const { isUsable, mustBe } = FIELD_CHECKS[name];
    if (!isUsable(fields[name], 0)) throw new JobDefinitionError(`${kind}: ${name} must be ${mustBe}`);
  }
}
