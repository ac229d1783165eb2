/** Keys of a start out of what a caller says, over HTTP or in a program. */
import { parseTime } from '../../job/job-record.ts';
import type { StartKeys } from '../jobs.ts';

/** As a caller says them, checked by their schemas. */
interface SaidKeys {
  readonly idempotencyKey?: string | undefined;
  readonly requestKey?: string | undefined;
  /** ISO 8601 */
  readonly firstSentAt?: string | undefined;
}

export function startKeys({ idempotencyKey, requestKey, firstSentAt }: SaidKeys): StartKeys {
  const time = firstSentAt === undefined ? undefined : parseTime(firstSentAt);
  return {
    ...(idempotencyKey !== undefined && { idempotencyKey }),
    ...(requestKey !== undefined && { requestKey }),
    ...(time !== undefined && { firstSentAt: time }),
  };
}
