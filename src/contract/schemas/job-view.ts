/** The job view as the API documents it. A test holds it to the type `JobView`. */
import { z } from 'zod';
import { ACTION_NAMES, type ActionName } from '../../job/actions.ts';
import { JOB_STATES } from '../../job/job-states.ts';
import type { JobState } from '../../job/job-states.ts';

const time = z.iso.datetime().meta({ example: '2030-01-01T00:00:00.000Z' });
const timeOrNull = time.nullable();

const ErrorSchema = z
  .object({
    type: z.string(),
    message: z.string(),
    stack: z.string().exactOptional().meta({ description: 'Where it was thrown, and what caused it.' }),
  })
  .meta({ description: 'What went wrong, the last time that something did.' });

const states = Object.keys(JOB_STATES) as [JobState, ...JobState[]];

const AttemptSchema = z
  .object({
    number: z.int().meta({ description: 'Counts every attempt from 1, crashed ones included.' }),
    startedAt: timeOrNull.meta({ description: 'Null while it waits in its queue.' }),
    endedAt: timeOrNull,
    outcome: z.enum(['done', 'failed', 'discarded', 'crashed', 'interrupted', 'cancelled']).nullable().meta({
      description: 'Null while it waits or runs. Interrupted: its worker was stopped, and the job runs again.',
    }),
    worker: z.string().nullable().meta({ description: 'Which worker process ran it.' }),
    error: ErrorSchema.nullable(),
    evidence: z.enum(['alone', 'shared', 'none']).nullable().meta({
      description:
        'Of a crash: alone, it ran alone in a process that had run nothing before; shared, others ran or had run there; none, nobody is known to be guilty.',
    }),
    stray: z.string().nullable().meta({
      description: 'An error that got past the work while this attempt ran. A hint: it may be another job’s.',
    }),
  })
  .meta({ description: 'One run of the job’s work.' });

const ActionTakenSchema = z
  .object({
    action: z.enum(ACTION_NAMES as [ActionName, ...ActionName[]]),
    at: time,
    by: z.string().nullable().meta({ description: 'Who asked for it; null where nobody said.' }),
  })
  .meta({ description: 'An action that the job took.' });

export const JobViewSchema = z
  .object({
    id: z.string(),
    kind: z.string(),
    queue: z.string(),
    state: z.enum(states),
    dueAt: time.meta({ description: 'When the next attempt may start; once it has, when it might.' }),
    attempt: z.int().meta({ description: 'Attempts spent or under way, crashes not counted.' }),
    maxAttempts: z.int().meta({ description: 'Attempts until the job is dead.' }),
    givenBack: z
      .object({
        why: z.enum(['unknownKind', 'olderVersion']),
        times: z.int().meta({ description: 'In a row.' }),
        worker: z.string().meta({ description: 'The last of them.' }),
      })
      .nullable()
      .meta({
        description:
          'Set while workers of its queue give the job back, because none has work of its kind, or a newer Holdfast wrote it. It waits for one that has.',
      }),
    crashes: z.int().meta({ description: 'Attempts whose worker vanished: not the job’s fault.' }),
    suspect: z
      .boolean()
      .meta({ description: 'Whether it runs in a process of its own, because processes died with it.' }),
    createdAt: time,
    startedAt: timeOrNull.meta({ description: 'When the newest attempt started.' }),
    endedAt: timeOrNull,
    progress: z
      .object({ done: z.number(), total: z.number() })
      .nullable()
      .meta({ description: 'How far the work says it is; null where it does not say.' }),
    result: z.unknown().meta({ description: 'What the work returned; null until the job is done.' }),
    note: z.string().nullable().meta({ description: 'Why the result of a job that is done was left out.' }),
    error: ErrorSchema.nullable(),
    attempts: z.array(AttemptSchema).readonly(),
    actionsTaken: z
      .array(ActionTakenSchema)
      .readonly()
      .meta({ description: 'What people have made of it; the newest few, oldest first.' }),
  })
  .meta({ description: 'A job as everybody sees it: pages, API, CLI.' });
