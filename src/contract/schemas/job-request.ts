/** What callers may ask for, checked once, at the edge. The OpenAPI document is generated from these. */
import { z } from 'zod';
import { parseTime } from '../job-record.ts';
import type { JobArgs, JobKind } from '../job-kinds.ts';
import { LIMITS } from '../limits.ts';
import { QUEUE_NAME_PATTERN } from '../queues.ts';
import { JOB_ARGS } from './job-args.ts';

/** A job as its caller asks for it; what is absent comes from the catalogue. */
export interface JobRequest<K extends JobKind = JobKind> {
  readonly kind: K;
  readonly args: JobArgs<K>;
  readonly dueAt?: string | undefined;
  readonly delayMs?: number | undefined;
  readonly queue?: string | undefined;
  readonly maxAttempts?: number | undefined;
  readonly ladderMs?: readonly number[] | undefined;
}

const dueAt = z
  .string()
  .refine((text) => parseTime(text) !== undefined, 'must be an ISO 8601 date and time with its zone')
  .refine((text) => (parseTime(text) ?? 0) - Date.now() <= LIMITS.delayMs, 'must be within ten years')
  .meta({ format: 'date-time', description: 'When the job may start.', example: '2030-01-01T00:00:00.000Z' });

const queue = z
  .string()
  .regex(QUEUE_NAME_PATTERN, 'must be 1–100 letters, digits, _ . : or -, and not "holdfast"')
  .meta({ description: 'Queue whose workers run the job; the kind’s own unless said.', example: 'mailers' });

const maxAttempts = z
  .int()
  .min(1)
  .max(LIMITS.maxAttempts)
  .meta({ description: 'Attempts until the job is dead. Crashes of workers do not count.', example: 25 });

const ladderMs = z
  .array(z.int().min(0).max(LIMITS.delayMs))
  .min(1)
  .max(LIMITS.ladderRungs)
  .meta({ description: 'Delays between attempts in milliseconds; the last one repeats.', example: [3_000, 30_000] });

const options = {
  dueAt: dueAt.optional(),
  delayMs: z
    .int()
    .min(0)
    .max(LIMITS.delayMs)
    .optional()
    .meta({ description: 'Instead of dueAt: milliseconds from now.', example: 10_000 }),
  queue: queue.optional(),
  maxAttempts: maxAttempts.optional(),
  ladderMs: ladderMs.optional(),
};

/** Body of `POST /api/jobs`. */
export const JobRequestSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('NameWorkflow'), args: JOB_ARGS.NameWorkflow, ...options }),
    z.strictObject({ kind: z.literal('ReportWorkflow'), args: JOB_ARGS.ReportWorkflow, ...options }),
  ])
  .refine((request) => request.dueAt === undefined || request.delayMs === undefined, {
    message: 'give dueAt or delayMs, not both',
    path: ['delayMs'],
  });

/** Body of `PATCH /api/jobs/:id`. A new due time goes alone: it is the move `reschedule`, the others are an `edit`. */
export const JobPatchSchema = z
  .strictObject({
    dueAt: dueAt.optional(),
    args: z.record(z.string(), z.unknown()).optional().meta({ description: 'New arguments, all of them.' }),
    queue: queue.optional(),
    maxAttempts: maxAttempts.optional(),
    ladderMs: ladderMs.optional(),
  })
  .refine((patch) => Object.values(patch).some((value) => value !== undefined), 'name at least one thing to change')
  .refine((patch) => patch.dueAt === undefined || Object.keys(patch).length === 1, {
    message: 'change dueAt by itself: it is a move of its own',
    path: ['dueAt'],
  });

/** Value of `Idempotency-Key`, which becomes the job's id. */
export const IdempotencyKeySchema = z
  .string()
  .regex(/^[\x21-\x7E]+$/, 'must be printable ASCII without spaces')
  // A browser takes these two for folders, so no address could name such a job.
  .refine((key) => key !== '.' && key !== '..', 'must not be a dot or two')
  .refine((key) => key.length <= LIMITS.idBytes, `must have at most ${LIMITS.idBytes} bytes`);
