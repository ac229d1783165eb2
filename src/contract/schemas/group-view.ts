/** A group as the API documents it. A test holds it to the type `GroupSnapshot`. */
import { z } from 'zod';
import { JOB_STATES } from '../../job/job-states.ts';
import type { JobState } from '../../job/job-states.ts';
import { JobViewSchema } from './job-view.ts';

const time = z.iso.datetime().meta({ example: '2030-01-01T00:00:00.000Z' });
const states = Object.keys(JOB_STATES) as [JobState, ...JobState[]];

const WorkersSchema = z
  .enum(['present', 'none', 'unknown'])
  .meta({ description: 'Whether anybody serves it now; unknown where Temporal does not say.' });

export const GroupViewSchema = z
  .object({
    id: z.string(),
    queue: z.string(),
    createdAt: time,
    endedAt: time
      .nullable()
      .meta({ description: 'When the group had nothing more to do; jobs that left it may still be under way.' }),
    counts: z.partialRecord(z.enum(states), z.int()).meta({ description: 'How many of its jobs are in which state.' }),
    cannotGoOn: z.string().nullable().meta({
      description:
        'Why the group cannot go on: its workflow fails again and again, until somebody mends what fails it.',
    }),
    jobs: z.array(JobViewSchema).readonly().meta({ description: 'Every job that came in this group, in its order.' }),
    actions: z
      .array(z.enum(['reschedule', 'runNow', 'pause', 'resume', 'discard', 'cancel']))
      .readonly()
      .meta({ description: 'What may be asked of all its jobs now: each takes it as far as its state allows.' }),
    queueWorkers: WorkersSchema.meta({ description: 'Workers of the queue, which run the jobs.' }),
    workers: WorkersSchema.meta({ description: 'Workers that move jobs along.' }),
  })
  .meta({ description: 'Jobs that were accepted together. Each is a job like any other, with an address of its own.' });
