/**
 * Jobs that the work of an attempt enqueues. The worker starts them, since a runner knows nothing of Temporal. Each call has a number in
 * its attempt, of which its request key is made: a further attempt that makes the same calls enqueues the same jobs.
 */
import { createHash } from 'node:crypto';
import type { JobRequest } from '../job/job-request.ts';
import type { Attempt, EnqueuedJob } from '../kinds/job-definition.ts';
import { checkJob } from '../kinds/check-job.ts';
import { InvalidJobError } from '../kinds/invalid-job-error.ts';
import type { EnqueueAnswer } from './messages.ts';

/** Longer ids, and such with other characters, make no key. */
const KEY = /^[\x21-\x7E]{1,200}$/;

export interface EnqueueCall {
  readonly number: number;
  readonly key: string;
  readonly request: JobRequest;
}

export class EnqueuedJobs {
  readonly #jobId: string;
  readonly #say: (call: EnqueueCall) => void;
  readonly #waiting = new Map<number, PromiseWithResolvers<EnqueuedJob>>();
  #calls = 0;

  constructor(jobId: string, say: (call: EnqueueCall) => void) {
    this.#jobId = jobId;
    this.#say = say;
  }

  readonly enqueue: Attempt['enqueue'] = async (job, args, options = {}) => {
    this.#calls += 1;
    const number = this.#calls;
    const { request } = await checkJob({ ...options, job, args });
    const waiting = Promise.withResolvers<EnqueuedJob>();
    this.#waiting.set(number, waiting);
    this.#say({ number, key: `${keyOf(this.#jobId)}/${number}`, request });
    return waiting.promise;
  };

  hear(number: number, answer: EnqueueAnswer): void {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    if ('refused' in answer) waiting?.reject(errorOf(answer.refused));
    else waiting?.resolve(answer);
  }
}

function keyOf(jobId: string): string {
  return KEY.test(jobId) ? jobId : createHash('sha256').update(jobId).digest('hex');
}

/** As its worker had it. */
function errorOf({ name, message }: { readonly name: string; readonly message: string }): Error {
  const error = name === 'InvalidJobError' ? new InvalidJobError([]) : new Error(message);
  return Object.assign(error, { name, message });
}
