/** What callers may ask for, checked once, at the edge. The OpenAPI document is generated from these. */
import { z } from 'zod';
import { FIELD_CHECKS } from '../../job/field-checks.ts';
import { parseTime } from '../../job/job-record.ts';
import { LIMITS } from '../limits.ts';
import { LAST_PRIORITY, QUEUE_NAME_PATTERN } from '../queues.ts';
import { FIRST_SENT_OF_WHAT, FirstSentSchema, IdempotencyKeySchema, ONE_KEY, RequestKeySchema } from './start-keys.ts';

const dueAt = z
  .string()
  .refine((text) => parseTime(text) !== undefined, 'must be an ISO 8601 date and time with its zone')
  .refine((text) => (parseTime(text) ?? 0) - Date.now() <= LIMITS.delayMs, 'must be within ten years')
  .meta({
    format: 'date-time',
    description: 'When the job may start, by Temporal’s clock.',
    example: '2030-01-01T00:00:00.000Z',
  });

const queue = z
  .string()
  .regex(QUEUE_NAME_PATTERN, 'must be 1–100 letters, digits, _ . : or -, and not "holdfast"')
  .meta({ description: 'Queue whose workers run the job; the kind’s own unless said.', example: 'mailers' });

const priority = z
  .int()
  .min(1)
  .max(LAST_PRIORITY)
  .meta({ description: '1 goes first, 5 last, where jobs wait for a worker; 3 unless said.', example: 1 });

const maxAttempts = z
  .int()
  .min(1)
  .max(LIMITS.maxAttempts)
  .meta({ description: 'Attempts until the job is dead. Crashes of workers do not count.', example: 25 });

const retryDelaysMs = z
  .array(z.int().min(0).max(LIMITS.delayMs))
  .min(1)
  .max(LIMITS.retryDelays)
  .meta({ description: 'Delays between attempts in milliseconds; the last one repeats.', example: [3_000, 30_000] });

const timeoutMs = z
  .int()
  .min(1)
  .max(LIMITS.timeoutMs)
  .meta({ description: 'Longest that one attempt may take, in milliseconds; longer is a failure.', example: 60_000 });

const options = {
  dueAt: dueAt.optional(),
  delayMs: z
    .int()
    .min(0)
    .max(LIMITS.delayMs)
    .optional()
    .meta({ description: 'Instead of dueAt: milliseconds from now, by Temporal’s clock.', example: 10_000 }),
  queue: queue.optional(),
  priority: priority.optional(),
  maxAttempts: maxAttempts.optional(),
  retryDelaysMs: retryDelaysMs.optional(),
  timeoutMs: timeoutMs.optional(),
};

const asked = z.strictObject({
  kind: z.string().meta({ description: 'One of the kinds that this service defines.', example: 'SendInvoice' }),
  // Checked by the kind's own schema, once that is known.
  args: z.record(z.string(), z.unknown()).meta({ description: 'Arguments of the kind.' }),
  ...options,
});

const ONE_TIME = { message: 'give dueAt or delayMs, not both', path: ['delayMs'] };

/** Body of `POST /api/jobs`. */
export const JobRequestSchema = asked.refine(
  (request) => request.dueAt === undefined || request.delayMs === undefined,
  ONE_TIME,
);

/** A job as its caller asks for it; what is absent comes from its kind's definition. */
export type RequestedJob = z.infer<typeof JobRequestSchema>;

const keys = {
  idempotencyKey: IdempotencyKeySchema.optional(),
  requestKey: RequestKeySchema.optional(),
  firstSentAt: FirstSentSchema.optional(),
};

/** A line of `POST /api/jobs/bulk`: a job, and the keys that a single request has in its headers. */
export const BulkLineSchema = asked
  .extend(keys)
  .refine((line) => line.dueAt === undefined || line.delayMs === undefined, ONE_TIME)
  .refine((line) => line.idempotencyKey === undefined || line.requestKey === undefined, {
    message: ONE_KEY,
    path: ['requestKey'],
  })
  .refine((line) => line.firstSentAt === undefined || line.requestKey !== undefined, {
    message: FIRST_SENT_OF_WHAT,
    path: ['firstSentAt'],
  });

/** Body of `PATCH /api/jobs/:id`. A new due time goes alone: it is the action `reschedule`, the others are an `edit`. */
export const JobPatchSchema = z
  .strictObject({
    dueAt: dueAt.optional(),
    args: z
      .record(z.string(), z.unknown())
      .refine((args) => FIELD_CHECKS.args.isUsable(args, 0), `must be ${FIELD_CHECKS.args.mustBe}`)
      .optional()
      .meta({ description: 'New arguments, all of them.' }),
    queue: queue.optional(),
    maxAttempts: maxAttempts.optional(),
    retryDelaysMs: retryDelaysMs.optional(),
    timeoutMs: timeoutMs.optional(),
  })
  .refine((patch) => Object.values(patch).some((value) => value !== undefined), 'name at least one thing to change')
  .refine((patch) => patch.dueAt === undefined || Object.keys(patch).length === 1, {
    message: 'change dueAt by itself: it is an action of its own',
    path: ['dueAt'],
  });

/** Body of `PATCH /api/groups/:id`: one due time for all its jobs. */
export const GroupPatchSchema = z.strictObject({ dueAt });
