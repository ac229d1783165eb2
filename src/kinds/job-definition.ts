/** What a kind of job is: its definition, its work, and what that gets of the attempt that it runs in. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Logger } from 'pino';
import type { JobOptions } from '../job/job-options.ts';
import type { EnqueueOptions } from './enqueue-options.ts';

/** Arguments are an object of JSON: what a caller gives, before the schema makes of it what the work gets. */
export type ArgsSchema = StandardSchemaV1<object, unknown>;

/**
 * The work of a kind, once. Throws `discardJob`, `retryLater` or any error, which means the next attempt after its delay.
 * @param world what `setup` of the configuration made for this process
 */
export type Run<Args, Result, World> = (args: Args, attempt: Attempt, world: World) => Result | Promise<Result>;

export interface JobDefinition<
  Kind extends string = string,
  Schema extends ArgsSchema = ArgsSchema,
  Result = unknown,
  World = unknown,
> {
  readonly kind: Kind;
  readonly args: Schema;
  readonly run: Run<StandardSchemaV1.InferOutput<Schema>, Result, World> | undefined;
  readonly result: StandardSchemaV1<unknown, Result> | undefined;
  readonly summary: string | undefined;
  readonly queue: string;
  /** What a job of this kind is enqueued with, unless it says otherwise. */
  readonly options: JobOptions;
  readonly isolated: boolean;
  readonly maxBusyMs: number | undefined;
}

// A definition takes its arguments and its world, and gives its result: no other type is one of all kinds.
export type AnyJob = JobDefinition<string, any, any, any>;

/** What a caller gives. */
export type ArgsOf<J extends AnyJob> = StandardSchemaV1.InferInput<J['args']>;

/** What the work returns. */
export type ResultOf<J extends AnyJob> =
  J extends JobDefinition<string, infer _Args, infer Result, infer _World> ? Result : never;

export interface Attempt {
  readonly jobId: string;
  readonly kind: string;
  readonly queue: string;
  /** Counts every attempt of the job, crashed ones included, from 1. */
  readonly number: number;
  /** When the attempt was due. @format milliseconds since 1970 */
  readonly dueAt: number;
  /** What the last attempt saved by {@link Attempt.progress}, if it saved anything. */
  readonly checkpoint?: unknown;
  /** Aborted when the job is cancelled, its time is up or the worker stops: end soon, or throw its `reason`. */
  readonly signal: AbortSignal;
  /** Knows the job's id, kind and attempt. Never log arguments with it that may be secret. */
  readonly log: Logger;
  /**
   * Says how far the work is, and what the next attempt needs in order to go on from there. Both are copied at once, so each call
   * costs what it takes to write the checkpoint as JSON; the newest is told ten times a second.
   * @param checkpoint without one, the last one stays
   * @throws {TypeError} when a number is not finite, or the checkpoint is no JSON or too large
   */
  readonly progress: (done: number, total: number, checkpoint?: unknown) => void;
  /**
   * Enqueues another job, once: its request key is made of this job's id and of how many calls came before in this attempt, so a further
   * attempt that makes the same calls in the same order finds the jobs of the one before.
   * @throws {InvalidJobError} @throws {KeyReusedError} when the call of the same place had another kind or other arguments before
   */
  readonly enqueue: <J extends AnyJob>(job: J, args: ArgsOf<J>, options?: EnqueuedOptions) => Promise<EnqueuedJob>;
}

/** Keys are the attempt's own. */
export type EnqueuedOptions = Omit<EnqueueOptions, 'idempotencyKey' | 'requestKey' | 'firstSentAt'>;

export interface EnqueuedJob {
  readonly id: string;
  /** `false`: an earlier attempt has enqueued it already. */
  readonly created: boolean;
}
