/**
 * What lists can filter by, next to Temporal's own WorkflowType, ExecutionStatus and StartTime.
 * Set at start; upserted only when a job leaves the happy path, so that a job that simply works pays nothing.
 */
import { defineSearchAttributeKey, type SearchAttributeType } from '@temporalio/common';

export const JobQueue = defineSearchAttributeKey('JobQueue', 'KEYWORD');
/** When the next attempt may start. A job that is open and due later is waiting; open and due is queued or running. */
export const JobDueAt = defineSearchAttributeKey('JobDueAt', 'DATETIME');
/** Absent while the job is on the happy path. */
export const JobState = defineSearchAttributeKey('JobState', 'KEYWORD');
/** Type of the last error, such as `TypeError` or `WorkerLost`. */
export const JobError = defineSearchAttributeKey('JobError', 'KEYWORD');
/** Id of the group that the job came from. */
export const JobGroup = defineSearchAttributeKey('JobGroup', 'KEYWORD');

/** Temporal's own: set while a workflow's tasks fail. Not ours to register. */
export const TemporalReportedProblems = defineSearchAttributeKey('TemporalReportedProblems', 'KEYWORD_LIST');

/** All of ours: what has to be registered with a Temporal namespace. */
export const SEARCH_ATTRIBUTES = [JobQueue, JobDueAt, JobState, JobError, JobGroup] as const;

/** A type's name on the CLI: `temporal operator search-attribute create --type Keyword`. */
export const SEARCH_ATTRIBUTE_CLI_TYPE = {
  KEYWORD: 'Keyword',
  DATETIME: 'Datetime',
} as const satisfies Partial<Record<SearchAttributeType, string>>;
