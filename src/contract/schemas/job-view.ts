/** The job view as the API documents it. A test holds it to the type `JobView`. */
import { z } from 'zod';
import { JOB_STATES } from '../job-states.ts';
import type { JobState } from '../job-states.ts';

const time = z.iso.datetime().meta({ example: '2030-01-01T00:00:00.000Z' });
const timeOrNull = time.nullable();

const ErrorSchema = z.object({ type: z.string(), message: z.string() }).meta({ title: 'JobError' });

const states = Object.keys(JOB_STATES) as [JobState, ...JobState[]];

const AttemptSchema = z
  .object({
    number: z.int(),
    startedAt: timeOrNull,
    endedAt: timeOrNull,
    outcome: z.enum(['done', 'failed', 'discarded', 'crashed', 'interrupted', 'cancelled']).nullable(),
    worker: z.string().nullable(),
    error: ErrorSchema.nullable(),
  })
  .meta({ title: 'Attempt' });

export const JobViewSchema = z
  .object({
    id: z.string(),
    kind: z.string(),
    queue: z.string(),
    state: z.enum(states),
    dueAt: time,
    attempt: z.int().meta({ description: 'Attempts spent or under way, crashes not counted.' }),
    maxAttempts: z.int(),
    crashes: z.int(),
    createdAt: time,
    startedAt: timeOrNull.meta({ description: 'When the newest attempt started.' }),
    endedAt: timeOrNull,
    progress: z.object({ done: z.number(), total: z.number() }).nullable(),
    result: z.unknown(),
    error: ErrorSchema.nullable(),
    attempts: z.array(AttemptSchema),
  })
  .meta({ title: 'Job' });
