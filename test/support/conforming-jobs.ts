/** The jobs of the conformance tests: their kind, what brings one into each state, and what is asked of it there. */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { z } from 'zod';
import type { ActionName } from '../../src/job/actions.ts';
import type { JobRequest } from '../../src/job/job-request.ts';
import type { JobState } from '../../src/job/job-states.ts';
import { defineJob } from '../../src/kinds/define-job.ts';
import { settle } from '../../src/kinds/settle.ts';
import type { ActionRequest } from '../../src/temporal/jobs.ts';

/** Of these tests alone. Nobody ever serves the other one. */
export const QUEUE = `jobs-${randomUUID()}`;
export const UNSERVED = `${QUEUE}-unserved`;
export const LATER = '2033-01-01T00:00:00.000Z';
export const EARLIER = '2032-01-01T00:00:00.000Z';
export const HOUR_MS = 3_600_000;
/** ISO 8601, as Holdfast writes it. */
export const time = expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/);

export const conforming = defineJob('Conforming', {
  args: z.looseObject({ does: z.enum(['answer', 'fail', 'wait']).default('answer') }),
  queue: QUEUE,
  async run({ does }, { signal }) {
    if (does === 'fail') throw new Error('as it was told to');
    if (does === 'wait')
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    return { does };
  },
});

export type Asked = Omit<Parameters<typeof settle>[1], 'kind' | 'args'> & { readonly args?: JobRequest['args'] };

export function asked({ args = {}, ...options }: Asked = {}): JobRequest {
  return settle(conforming, { kind: conforming.kind, args, ...options });
}

interface Into {
  readonly start: Asked;
  readonly act?: 'pause' | 'discard' | 'cancel';
  /** What its view then shows. */
  readonly shows: object;
}

const none = { attempts: [], attempt: 0, startedAt: null, result: null, error: null };
const attempt = { number: 1, startedAt: time, endedAt: time, worker: expect.any(String), outcome: 'done', error: null };
const error = { type: 'Error', message: 'as it was told to' };
const failed = { result: null, error, attempt: 1, attempts: [{ ...attempt, outcome: 'failed', error }], endedAt: null };

/** While it is served. */
export const INTO: Readonly<Record<JobState, Into>> = {
  scheduled: { start: { dueAt: LATER }, shows: { ...none, dueAt: LATER, endedAt: null } },
  queued: { start: { queue: UNSERVED }, shows: { ...none, attempt: 1, attempts: [{ outcome: null, worker: null }] } },
  running: {
    start: { args: { does: 'wait' } },
    shows: { attempt: 1, startedAt: time, attempts: [{ ...attempt, outcome: null, endedAt: null }] },
  },
  retrying: { start: { args: { does: 'fail' }, retryDelaysMs: [HOUR_MS] }, shows: failed },
  paused: { start: { dueAt: LATER }, act: 'pause', shows: { ...none, endedAt: null } },
  dead: { start: { args: { does: 'fail' }, maxAttempts: 1 }, shows: { ...failed, maxAttempts: 1 } },
  done: { start: {}, shows: { result: { does: 'answer' }, error: null, attempts: [attempt], endedAt: time } },
  discarded: { start: { dueAt: LATER }, act: 'discard', shows: { ...none, endedAt: time } },
  cancelled: { start: { dueAt: LATER }, act: 'cancel', shows: { ...none, endedAt: time } },
};

export function requestOf(type: ActionName): ActionRequest {
  if (type === 'reschedule') return { type, dueAt: EARLIER, actor: 'ada' };
  return type === 'edit' ? { type, changes: { maxAttempts: 7 }, actor: 'ada' } : { type, actor: 'ada' };
}
