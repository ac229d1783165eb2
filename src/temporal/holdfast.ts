/**
 * What programs enqueue jobs with, without HTTP. Typed by the definitions of jobs, checked as the API checks, and as fast: jobs that are
 * enqueued at the same time go together (docs/groups.md).
 */
import type { JobView } from '../job/job.ts';
import type { AnyJob, ArgsOf, ResultOf } from '../kinds/job-definition.ts';
import type { EnqueueOptions } from '../kinds/enqueue-options.ts';
import { checkJob, type JobToEnqueue } from '../kinds/check-job.ts';
import { startKeys } from './start/start-keys.ts';
import type { ActionAnswer, ActionRequest, Jobs, StartedJob } from './jobs.ts';
import { waitForResult } from './result.ts';

/** A job that was enqueued: what {@link Holdfast.result} waits for. */
export interface EnqueuedJob<J extends AnyJob = AnyJob> extends StartedJob {
  readonly id: string;
  readonly definition: J;
}

/** Every method rejects with an error that says what to do: see the classes that `holdfast/client` exports. */
export interface Holdfast extends AsyncDisposable {
  /** Resolves once the job is durable. @throws {InvalidJobError} @throws {JobTooLargeError} @throws {KeyReusedError} @throws {TemporalUnreachableError} */
  enqueue<J extends AnyJob>(job: J, args: ArgsOf<J>, options?: EnqueueOptions): Promise<EnqueuedJob<J>>;
  /** Thousands at once, of any kinds: `{ job, args, ...options }` each. One outcome for each, in their order; one that fails takes no other along. */
  enqueueAll<const Jobs extends readonly AnyJob[]>(jobs: {
    readonly [Index in keyof Jobs]: JobToEnqueue<Jobs[Index]>;
  }): Promise<{ -readonly [Index in keyof Jobs]: PromiseSettledResult<EnqueuedJob<Jobs[Index]>> }>;
  /**
   * Waits until the job has ended, and gives what its work returned; `null` where that was left out of its history.
   * @param job what `enqueue` gave, or the id of a job and its definition
   * @throws {JobFailedError} when it ended otherwise, or is dead @throws {InvalidResultError} @throws {JobNotFoundError} @throws the signal's reason
   */
  result<J extends AnyJob>(
    job: { readonly id: string; readonly definition: J },
    signal?: AbortSignal,
  ): Promise<ResultOf<J>>;
  /** @throws {JobNotFoundError} */
  job(id: string): Promise<JobView>;
  /** The job now and after every change, until it has ended or `signal` aborts. @throws {JobNotFoundError} */
  watch(id: string, signal?: AbortSignal): AsyncIterable<JobView>;
  /** @throws {JobNotFoundError} @throws {IllegalActionError} @throws {InvalidActionError} @throws {TooManyActionsError} */
  act(id: string, action: ActionRequest): Promise<ActionAnswer>;
  /** Pending results and watches end with an error. */
  close(): Promise<void>;
}

export function createHoldfast(jobs: Jobs, disconnect: () => Promise<void>): Holdfast {
  const closing = new AbortController();
  const untilClosed = (signal?: AbortSignal): AbortSignal =>
    signal ? AbortSignal.any([signal, closing.signal]) : closing.signal;
  const close = async (): Promise<void> => {
    // A poll that is still out when its channel closes is tried again by the client (SDK 1.24), which then throws where nobody catches it.
    closing.abort(new Error('the connection was closed meanwhile'));
    await disconnect();
  };
  return {
    async enqueue(job, args, options = {}) {
      const { request, keys } = await checkJob({ ...options, job, args });
      return enqueued(job, await jobs.start(request, startKeys(keys)));
    },
    async enqueueAll(all) {
      const asked: readonly JobToEnqueue[] = all;
      const checks = await Promise.allSettled(asked.map(async (job) => checkJob(job)));
      const usable = checks.flatMap((check) =>
        check.status === 'fulfilled' ? { request: check.value.request, keys: startKeys(check.value.keys) } : [],
      );
      const started = (await jobs.startAll(usable)).values();
      // The outcomes are as many as the usable jobs, in their order.
      return checks.map((check, place) => {
        const outcome = check.status === 'rejected' ? check : started.next().value;
        if (outcome?.status !== 'fulfilled') return outcome;
        return { status: 'fulfilled', value: enqueued(asked[place]?.job, outcome.value) };
      }) as never;
    },
    result: async (job, signal) => waitForResult(jobs, job, untilClosed(signal)),
    job: async (id) => (await jobs.read(id)).job,
    async *watch(id, signal) {
      for await (const { job } of jobs.watch(id, untilClosed(signal))) yield job;
    },
    act: async (id, action) => jobs.act(id, action),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function enqueued<J extends AnyJob | undefined>(definition: J, started: StartedJob) {
  return { job: started.job, created: started.created, id: started.job.id, definition };
}
