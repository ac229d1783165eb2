/**
 * `import { connectHoldfast } from 'holdfast/client'`: jobs from any Node program, without HTTP. Typed by the job catalogue, checked as
 * the API checks, and as fast: jobs that are enqueued at the same time go together (docs/groups.md).
 */
import { loadTemporalConfig, type Environment } from '../config/config.ts';
import type { JobArgs, JobKind } from '../contract/job-kinds.ts';
import type { JobView } from '../job/job.ts';
import { BulkLineSchema } from '../contract/schemas/job-request.ts';
import { call } from './rpc.ts';
import { connectClient } from './connect.ts';
import { createJobs } from './create-jobs.ts';
import { InvalidJobError } from './errors.ts';
import type { ActionRequest, JobToStart, ActionAnswer, StartedJob } from './jobs.ts';
import { startKeys } from './start/start-keys.ts';

export interface HoldfastOptions {
  /** Where the `TEMPORAL_*` variables are, as Temporal's own CLI reads them: pass `process.env`. @default none */
  readonly environment?: Environment;
}

export interface EnqueueOptions {
  /** When the job may start, by Temporal's clock. @default at once */
  readonly dueAt?: Date;
  /** Instead of `dueAt`: from now on, whatever clock this machine has. @format milliseconds */
  readonly delayMs?: number;
  /** @default the kind's */
  readonly queue?: string;
  /** 1 goes first, 5 last. @default 3 */
  readonly priority?: number;
  /** @default the kind's */
  readonly maxAttempts?: number;
  /** Delays between attempts; the last one repeats. @default the kind's. @format milliseconds */
  readonly retryDelaysMs?: readonly number[];
  /** Becomes the job's id: a second job with the same key is the first one. Such a job travels alone. */
  readonly idempotencyKey?: string;
  /** Makes a repeat of this very call harmless, within ten minutes. */
  readonly requestKey?: string;
  /** Of a repeat: when the call was first made. */
  readonly firstSentAt?: Date;
}

/** A job for {@link Holdfast.enqueueAll}. */
export type JobToEnqueue = {
  readonly [K in JobKind]: { readonly kind: K; readonly args: JobArgs<K> } & EnqueueOptions;
}[JobKind];

/** Every method rejects with an error that says what to do: see the classes that `holdfast/client` exports. */
export interface Holdfast extends AsyncDisposable {
  /** Resolves once the job is durable. @throws {InvalidJobError} @throws {JobTooLargeError} @throws {KeyReusedError} @throws {TemporalUnreachableError} */
  enqueue<K extends JobKind>(kind: K, args: JobArgs<K>, options?: EnqueueOptions): Promise<StartedJob>;
  /** Thousands at once. One outcome for each, in their order; one that fails takes no other along. */
  enqueueAll(jobs: readonly JobToEnqueue[]): Promise<PromiseSettledResult<StartedJob>[]>;
  /** @throws {JobNotFoundError} */
  job(id: string): Promise<JobView>;
  /** The job now and after every change, until it has ended or `signal` aborts. @throws {JobNotFoundError} */
  watch(id: string, signal?: AbortSignal): AsyncIterable<JobView>;
  /** @throws {JobNotFoundError} @throws {IllegalActionError} @throws {InvalidActionError} @throws {TooManyActionsError} */
  act(id: string, action: ActionRequest): Promise<ActionAnswer>;
  close(): Promise<void>;
}

/** Resolves once Temporal answers. @throws {TemporalUnreachableError} @throws {ConfigError} */
export async function connectHoldfast({ environment = {} }: HoldfastOptions = {}): Promise<Holdfast> {
  const client = connectClient(loadTemporalConfig(environment));
  const close = async (): Promise<void> => client.connection.close();
  try {
    await call(client, () => client.connection.ensureConnected());
  } catch (error) {
    await close();
    throw error;
  }
  const jobs = createJobs(client);
  return {
    async enqueue(kind, args, options = {}) {
      const { request, keys } = checked({ ...options, kind, args } as JobToEnqueue);
      return jobs.start(request, keys);
    },
    async enqueueAll(all) {
      const checks = await Promise.allSettled(all.map(async (job) => checked(job)));
      const usable = checks.flatMap((check) => (check.status === 'fulfilled' ? check.value : []));
      const started = (await jobs.startAll(usable)).values();
      // The outcomes are as many as the usable jobs, in their order.
      return checks.map((check) => (check.status === 'rejected' ? check : started.next().value)) as Awaited<
        ReturnType<Holdfast['enqueueAll']>
      >;
    },
    job: async (id) => (await jobs.read(id)).job,
    async *watch(id, signal = new AbortController().signal) {
      for await (const { job } of jobs.watch(id, signal)) yield job;
    },
    act: (id, action) => jobs.act(id, action),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** @throws {InvalidJobError} */
function checked({ dueAt, firstSentAt, ...job }: JobToEnqueue): JobToStart {
  const line = { ...job, dueAt: dueAt?.toISOString(), firstSentAt: firstSentAt?.toISOString() };
  const parsed = BulkLineSchema.safeParse(line);
  if (!parsed.success) throw new InvalidJobError(parsed.error.issues);
  const { idempotencyKey, requestKey, firstSentAt: sentAt, ...request } = parsed.data;
  return { request, keys: startKeys({ idempotencyKey, requestKey, firstSentAt: sentAt }) };
}
