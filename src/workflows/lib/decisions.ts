/**
 * The numbers that decide which commands a workflow gives, and when. Open jobs replay with them, so each stays as it is: a change goes
 * behind a patch (CONTRIBUTING.md). Those that decide what an event makes of a job stand with the fold, in `src/job/blame.ts` and
 * `src/job/retry-delays.ts`; sizes are in `src/contract/budgets.ts`. What one job may set stands in its own history instead.
 */
import { BUDGETS } from '../../contract/budgets.ts';
import { LIMITS } from '../../contract/limits.ts';

// Attempts.

/** Longest silence of a worker before what it has in hand counts as crashed. Workers heartbeat every second. */
export const HEARTBEAT_TIMEOUT = '4s';

/**
 * Workers end what takes longer than it may, and do not count the time in which its process computes for another. Temporal, which does
 * not know of that, ends it this much later. @format milliseconds
 */
export const ATTEMPT_BACKSTOP_MS = 60 * 60_000;

/** Beyond what the jobs of a chunk may take: for those that begin late, and for telling the group. @format milliseconds */
export const CHUNK_TAKES_MS = 30_000;

// What a group hands out together.

/** As many as fit: fewer activities cost less, and what a worker does not get to comes back at once. */
export const CHUNK_SIZE = LIMITS.groupItems;

/** From a group's timer to the first job of a chunk it takes about 40 ms, more under load. @format milliseconds */
export const AHEAD_MS = 250;
/** So many jobs that are due one after the other go together; fewer stay where they are easy to reschedule. */
export const MANY = 16;
/** For how long a time they are taken together; with half of it, 200 groups of jobs in random order were too much for a slow machine. @format milliseconds */
export const TOGETHER_MS = 20_000;
/** Groups whose jobs begin at one moment do not all wake at one moment. @format milliseconds */
export const SPREAD_OVER_MS = 4_000;

/** What a group's start may weigh: arguments of all, and what each says besides. @format bytes */
export const GROUP_START_BYTES = 1.5 * BUDGETS.groupArguments;
/** What the start of a job that leaves says besides its record: names, options and search attributes. @format bytes */
export const START_BYTES = BUDGETS.frame + BUDGETS.errorType;

// What lists are told: each costs an upsert.

/** Lists show the time of a group's next job only if it is later than this. @format milliseconds */
export const WORTH_LISTING_MS = 10_000;
/** A due time that was reckoned by a wrong clock is corrected only where it would mislead a person. @format milliseconds */
export const WORTH_CORRECTING_MS = 5_000;
