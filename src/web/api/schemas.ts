/** Wire shapes of the API by the names that its OpenAPI document gives them. The shapes themselves stand in `contract/schemas`. */
import { z } from '@hono/zod-openapi';
import { GroupViewSchema } from '../../contract/schemas/group-view.ts';
import {
  BulkLineSchema,
  GroupPatchSchema,
  JobPatchSchema,
  JobRequestSchema,
} from '../../contract/schemas/job-request.ts';
import { JobViewSchema } from '../../contract/schemas/job-view.ts';
import {
  FIRST_SENT_OF_WHAT,
  FirstSentSchema,
  IdempotencyKeySchema,
  ONE_KEY,
  RequestKeySchema,
} from '../../contract/schemas/start-keys.ts';
import { PROBLEMS, type ProblemName } from '../errors.ts';

/** Cloned, since only schemas made after `@hono/zod-openapi` has loaded know `openapi`. */
export const Job = JobViewSchema.clone().openapi('Job');
export const JobRequest = JobRequestSchema.clone().openapi('JobRequest');
export const JobPatch = JobPatchSchema.clone().openapi('JobPatch');
export const BulkLine = BulkLineSchema.clone().openapi('BulkLine');
export const GroupPatch = GroupPatchSchema.clone().openapi('GroupPatch');
export const Group = GroupViewSchema.extend({
  jobs: z.array(Job).readonly().openapi({ description: 'Every job that came in this group, in its order.' }),
}).openapi('Group');

const problemTypes = Object.keys(PROBLEMS).map((name) => problemType(name as ProblemName));

export const ProblemBody = z
  .object({
    type: z.enum(problemTypes).openapi({ description: 'Names the kind of problem; compare this one.' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().openapi({ description: 'What happened, to what.' }),
    instance: z.string().openapi({ description: 'Path of the request.' }),
    requestId: z.string().openapi({ description: 'Found again in the server’s log.' }),
    errors: z
      .array(z.object({ field: z.string(), detail: z.string() }))
      .optional()
      .openapi({ description: 'One entry per field that is not usable.' }),
    state: z.string().optional().openapi({ description: 'The job’s state, where that is what refuses.' }),
  })
  .openapi('Problem');

/** What became of one line of a bulk request. */
export const BulkResult = z
  .object({
    line: z.int().openapi({ description: 'Counts every line of the request from 1, blank ones included.' }),
    status: z
      .int()
      .openapi({ description: 'What the job alone would have been answered: 202, 200 for a repeat, 4xx or 5xx.' }),
    id: z.string().optional().openapi({ description: 'The job’s, if it was accepted.' }),
    state: Job.shape.state.optional().openapi({ description: 'The job’s, if it was accepted.' }),
    problem: ProblemBody.omit({ instance: true, requestId: true })
      .optional()
      .openapi({ description: 'Why it was not. Other lines are not touched by that.' }),
  })
  .openapi('BulkResult');

export const JobPath = z.object({
  id: z
    .string()
    .min(1)
    .openapi({ param: { name: 'id', in: 'path' }, description: 'The job’s id.', example: 'name-4cbe03c2' }),
});

export const GroupPath = z.object({
  id: z.string().openapi({
    param: { name: 'id', in: 'path' },
    description: 'The group’s id: a job’s id up to the last dot.',
    example: 'group-4cbe03c2-9d1f-4c8a-8f6e-0c5b6b1d7a11',
  }),
});

export const StartHeaders = z
  .object({
    'idempotency-key': IdempotencyKeySchema.clone()
      .openapi({ param: { name: 'idempotency-key', in: 'header' } })
      .optional(),
    'request-key': RequestKeySchema.clone()
      .openapi({ param: { name: 'request-key', in: 'header' } })
      .optional(),
    'request-first-sent': FirstSentSchema.clone()
      .openapi({ param: { name: 'request-first-sent', in: 'header' } })
      .optional(),
  })
  .refine((headers) => headers['idempotency-key'] === undefined || headers['request-key'] === undefined, {
    message: ONE_KEY,
    path: ['request-key'],
  })
  .refine((headers) => headers['request-first-sent'] === undefined || headers['request-key'] !== undefined, {
    message: FIRST_SENT_OF_WHAT,
    path: ['request-first-sent'],
  });

/** Where the API documents a kind of problem; also its `type`. */
export function problemType(name: ProblemName): string {
  return `/api/docs#${name}`;
}
