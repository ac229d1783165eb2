/** Runs the work of a job once, here and now, without Temporal: for tests of the work itself. */
import { pino, type Logger } from 'pino';
import type { Attempt, EnqueuedOptions } from '../kinds/job-definition.ts';
import { checkArgs } from '../kinds/check-args.ts';
import { checkJob } from '../kinds/check-job.ts';
import { JobDefinitionError } from '../kinds/define-job.ts';
import { type AnyJob, type ArgsOf, type ResultOf } from '../kinds/job-definition.ts';
import { InvalidJobError } from '../kinds/invalid-job-error.ts';
import { handedOverBudgets } from '../contract/budgets.ts';
import { plainProgress, plainResult } from '../runner/plain-values.ts';

export interface InlineOptions {
  /** What `setup` of the configuration would have made. */
  readonly world?: unknown;
  /** What the attempt is to say of itself. @default a first attempt of a job that is due now */
  readonly attempt?: Partial<Pick<Attempt, 'jobId' | 'number' | 'dueAt' | 'checkpoint' | 'signal'>> & {
    readonly log?: Logger;
  };
}

export interface InlineRun<Result> {
  /** As a history keeps it: what JSON makes of it. */
  readonly result: Result;
  /** Why the result would be left out of a history, if it would. */
  readonly note: string | undefined;
  /** Calls of `attempt.progress`, in their order. */
  readonly progress: readonly { readonly done: number; readonly total: number; readonly checkpoint: unknown }[];
  /** Calls of `attempt.enqueue`, in their order. Nothing was enqueued. */
  readonly enqueued: readonly { readonly job: AnyJob; readonly args: unknown; readonly options: EnqueuedOptions }[];
}

/** @throws what the work throws @throws {InvalidJobError} when the arguments could not have been enqueued */
export async function runInline<J extends AnyJob>(
  job: J,
  args: ArgsOf<J>,
  { world, attempt: said = {} }: InlineOptions = {},
): Promise<InlineRun<ResultOf<J>>> {
  if (!job.run) throw new JobDefinitionError(`${job.kind} has no work: run what implement() makes of it`);
  const { request } = await checkJob({ job, args });
  const checked = await checkArgs(job, request.args);
  if ('issues' in checked) throw new InvalidJobError(checked.issues);
  const budgets = handedOverBudgets(job.options.travels);
  const progress: { done: number; total: number; checkpoint: unknown }[] = [];
  const enqueued: { job: AnyJob; args: unknown; options: EnqueuedOptions }[] = [];
  const attempt: Attempt = {
    jobId: 'inline',
    kind: job.kind,
    queue: job.queue,
    number: 1,
    dueAt: Date.now(),
    signal: new AbortController().signal,
    log: pino({ level: 'silent' }),
    ...said,
    progress(done, total, checkpoint) {
      const plain = plainProgress(done, total, checkpoint, budgets.checkpoint);
      const saved: unknown = plain.checkpointJson === undefined ? undefined : JSON.parse(plain.checkpointJson);
      progress.push({ done: plain.done, total: plain.total, checkpoint: saved });
    },
    async enqueue(other, itsArgs, options = {}) {
      await checkJob({ ...options, job: other, args: itsArgs });
      enqueued.push({ job: other, args: itsArgs, options });
      return { id: `inline/${enqueued.length}`, created: true };
    },
  };
  const returned: unknown = await job.run(checked.args, attempt, world);
  const { result, note } = plainResult(returned, budgets.result);
  return { result: result as ResultOf<J>, note, progress, enqueued };
}
