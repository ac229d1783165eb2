/** What a start is answered with: a job of its own, or one line of many. */

export const ACCEPTED = 202;
/** The key's first job, which an earlier request started. */
export const ACCEPTED_BEFORE = 200;
