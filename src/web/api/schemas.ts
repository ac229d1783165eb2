/** Wire shapes of the API by the names that its OpenAPI document gives them. The shapes themselves stand in `contract/schemas`. */
import { z } from '@hono/zod-openapi';
import { LIMITS } from '../../contract/limits.ts';
import { IdempotencyKeySchema, JobPatchSchema, JobRequestSchema } from '../../contract/schemas/job-request.ts';
import { JobViewSchema } from '../../contract/schemas/job-view.ts';
import { PROBLEMS, type ProblemName } from '../errors.ts';

/** Cloned, since only schemas made after `@hono/zod-openapi` has loaded know `openapi`. */
export const Job = JobViewSchema.clone().openapi('Job');
export const JobRequest = JobRequestSchema.clone().openapi('JobRequest');
export const JobPatch = JobPatchSchema.clone().openapi('JobPatch');

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

export const JobPath = z.object({
  id: z
    .string()
    .min(1)
    .openapi({ param: { name: 'id', in: 'path' }, description: 'The job’s id.', example: 'name-4cbe03c2' }),
});

export const StartHeaders = z.object({
  'idempotency-key': IdempotencyKeySchema.clone()
    .openapi({
      param: { name: 'idempotency-key', in: 'header' },
      description: `Becomes the job’s id, so a repeat finds the first job instead of starting a second one; at most ${LIMITS.idBytes} bytes.`,
      example: 'order-1234',
    })
    .optional(),
});

/** Where the API documents a kind of problem; also its `type`. */
export function problemType(name: ProblemName): string {
  return `/api/docs#${name}`;
}
