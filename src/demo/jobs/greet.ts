/** The demo's job: one line in the log. Its workflow is the one that people come to read, `src/workflows/name.ts`. */
import { z } from 'zod';
import { defineJob } from '../../kinds/define-job.ts';

/** 1–100 characters without control characters, once trimmed. */
const personName = z
  .string('must be text')
  .trim()
  .min(1, 'must not be empty')
  .refine((name) => Array.from(name).length <= 100, 'must have at most 100 characters')
  .refine((name) => !/\p{Cc}/u.test(name), 'must not hold control characters')
  .meta({ description: 'Whom to greet.', example: 'foo' });

export const greet = defineJob('NameWorkflow', {
  summary: 'Logs a greeting.',
  args: z.strictObject({ name: personName }),
  async run({ name }, attempt) {
    const latenessMs = Date.now() - attempt.dueAt;
    attempt.log.info({ event: 'job.succeeded', name, latenessMs }, `Hello, ${name}`);
    return `Hello, ${name}`;
  },
});
