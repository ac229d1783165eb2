/** What can go wrong between a caller and Temporal. Few, and each says what to do. */
import { BUDGETS } from '../contract/budgets.ts';
import type { JobErrorView } from '../job/job.ts';
import type { ActionName } from '../job/actions.ts';
import type { JobState } from '../job/job-states.ts';

/** Temporal did not answer in time. Nothing is known to have happened: repeat the request, with its key if it starts a job. */
export class TemporalUnreachableError extends Error {
  override readonly name = 'TemporalUnreachableError';
  constructor(cause: unknown) {
    super('Temporal does not answer', { cause });
  }
}

/**
 * `busy`: it takes no more just now, so try again in a moment. `forbidden`: this client may not, or the namespace or the feature is
 * not there, so mend the settings. `unusable`: the request itself. `conflict`: what it is about does not allow it just now, so look
 * at the workflow in Temporal. `broken`: a fault of Temporal's own.
 */
export type TemporalRefusal = 'busy' | 'forbidden' | 'unusable' | 'conflict' | 'broken';

/** Temporal answered, but not with what was asked for; the message has its own words. */
export class TemporalRefusalError extends Error {
  override readonly name = 'TemporalRefusalError';
  readonly refusal: TemporalRefusal;
  constructor(refusal: TemporalRefusal, said: string, cause: unknown) {
    super(`Temporal refuses the request: ${said}`, { cause });
    this.refusal = refusal;
  }
}

/** It may pass by itself: a watch keeps what was last known. */
export function mayPass(error: unknown): boolean {
  if (error instanceof TemporalRefusalError) return error.refusal === 'busy' || error.refusal === 'broken';
  return error instanceof TemporalUnreachableError;
}

/** No job has this id, or it ended longer ago than the namespace keeps histories. */
export class JobNotFoundError extends Error {
  override readonly name = 'JobNotFoundError';
  readonly jobId: string;
  constructor(jobId: string) {
    super(`no job has the id ${jobId}, or it ended longer ago than Temporal keeps it`);
    this.jobId = jobId;
  }
}

/** The job's state does not allow the action; look at the job and ask for another. */
export class IllegalActionError extends Error {
  override readonly name = 'IllegalActionError';
  readonly jobId: string;
  readonly state: JobState;
  constructor(jobId: string, action: ActionName, state: JobState) {
    super(`job ${jobId} is ${state}, which does not allow ${action}`);
    this.jobId = jobId;
    this.state = state;
  }
}

/** The action's input is not usable; the message names the field. */
export class InvalidActionError extends Error {
  override readonly name = 'InvalidActionError';
}

/** Nothing was done: the history of the workflow has no room for another action now. The message says when to try again. */
export class TooManyActionsError extends Error {
  override readonly name = 'TooManyActionsError';
}

/** The key belongs to a job with another kind or other arguments; use a new key. */
export class KeyReusedError extends Error {
  override readonly name = 'KeyReusedError';
  readonly jobId: string;
  constructor(jobId: string) {
    super(`the key ${jobId} belongs to a job with another kind or other arguments`);
    this.jobId = jobId;
  }
}

/** The job has ended, and not well, or is dead: its state says how, and its error why, where there is one. */
export class JobFailedError extends Error {
  override readonly name = 'JobFailedError';
  readonly jobId: string;
  readonly state: JobState;
  readonly error: JobErrorView | null;
  constructor(jobId: string, state: JobState, error: JobErrorView | null) {
    super(`job ${jobId} is ${state}${error ? `: ${error.type}: ${error.message}` : ''}`);
    this.jobId = jobId;
    this.state = state;
    this.error = error;
  }
}

/** The job is done, and its result does not fit the schema that its definition has for it. */
export class InvalidResultError extends Error {
  override readonly name = 'InvalidResultError';
  readonly jobId: string;
  constructor(jobId: string, problems: string) {
    super(`the result of job ${jobId} does not fit its definition: ${problems}`);
    this.jobId = jobId;
  }
}

/** The job's arguments weigh more than a history has room for. Put the bulk of them elsewhere, and pass where. */
export class JobTooLargeError extends Error {
  override readonly name = 'JobTooLargeError';
  readonly bytes: number;
  constructor(bytes: number) {
    super(
      `the arguments have ${bytes} bytes as JSON, and ${BUDGETS.arguments} are possible: save the data elsewhere and pass where`,
    );
    this.bytes = bytes;
  }
}

/** The namespace cannot be made ready for Holdfast; the message says what stands in the way and what to do. */
export class NamespaceUnpreparedError extends Error {
  override readonly name = 'NamespaceUnpreparedError';
}
