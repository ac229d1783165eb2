/** By what a repeated request finds its first job, as callers say it: in headers for one job, in the line itself for each of many. */
import { z } from 'zod';
import { isGroupId, itemAddress } from '../../job/group/groups.ts';
import { parseTime } from '../../job/job-record.ts';
import { LIMITS } from '../limits.ts';

const key = z
  .string()
  .regex(/^[\x21-\x7E]+$/, 'must be printable ASCII without spaces')
  // A browser takes these two for folders, so no address could name such a job.
  .refine((text) => text !== '.' && text !== '..', 'must not be a dot or two')
  .refine((text) => text.length <= LIMITS.idBytes, `must have at most ${LIMITS.idBytes} bytes`)
  .refine(
    (text) => !isGroupId(text) && itemAddress(text) === undefined,
    'must not look like the id that Holdfast gives to a group or to a job in one',
  );

/** Becomes the job's id. */
export const IdempotencyKeySchema = key.meta({
  description: `Becomes the job’s id, so a repeat finds the first job instead of starting a second one; at most ${LIMITS.idBytes} bytes.`,
  example: 'order-1234',
});

/** May become the job's id, so it is held to the same. */
export const RequestKeySchema = key.meta({
  description:
    'Makes a repeat of this very request harmless, while the job may still travel in a group, which is faster. Each request has its own.',
  example: 'c0ffee00-1',
});

export const FirstSentSchema = z
  .string()
  .refine((text) => parseTime(text) !== undefined, 'must be an ISO 8601 date and time with its zone')
  .meta({
    format: 'date-time',
    description:
      'When the request was first sent, if this one repeats it: its job is then found even if no process remembers it.',
    example: '2030-01-01T00:00:00.000Z',
  });

export const ONE_KEY = 'give an idempotency key or a request key, not both';
export const FIRST_SENT_OF_WHAT = 'goes with a request key, which is missing';
