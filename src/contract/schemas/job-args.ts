/** Arguments of each kind: checked at the edge, and again by the worker, since a history outlives a deploy. */
import { z } from 'zod';

/** 1–100 characters without control characters, once trimmed. */
const personName = z
  .string('must be text')
  .trim()
  .min(1, 'must not be empty')
  .refine((name) => Array.from(name).length <= 100, 'must have at most 100 characters')
  .refine((name) => !/\p{Cc}/u.test(name), 'must not hold control characters');

const NameArgs = z
  .strictObject({ name: personName.meta({ description: 'Whom to greet.', example: 'foo' }) })
  .meta({ description: 'Arguments of a NameWorkflow.' });

const ReportArgs = z
  .strictObject({
    rows: z.int().min(0).max(10_000_000).meta({ description: 'Rows to write.', example: 100 }),
    msPerRow: z.number().min(0).max(60_000).meta({ description: 'Time that each row takes, in milliseconds.' }),
    failFirst: z
      .boolean()
      .optional()
      .meta({ description: 'Whether the first attempt fails half-way, to show a retry.' }),
  })
  .meta({ description: 'Arguments of a ReportWorkflow.' });

export const JOB_ARGS = { NameWorkflow: NameArgs, ReportWorkflow: ReportArgs } as const;
