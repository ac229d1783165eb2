/** Names of task queues. They stand in histories and in people's scripts, so never rename one. */

/**
 * Every workflow runs here unless HOLDFAST_TASK_QUEUE says otherwise, and every worker process serves it, so that a job can be acted on
 * while its own queue has no worker.
 */
export const DEFAULT_TASK_QUEUE = 'holdfast';

/** A worker that dies with a workflow task in hand holds the job up for this long. Histories are short, so tasks are too. */
export const WORKFLOW_TASK_TIMEOUT = '5s';

/** The queue of a job whose request names none. */
export const DEFAULT_QUEUE = 'default';

/** What a queue may be called. `holdfast` itself is kept for workflows. */
export const QUEUE_NAME_PATTERN = /^(?!holdfast$)[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$/;

/** 1 goes first. */
export const LAST_PRIORITY = 5;
const DEFAULT_PRIORITY = 3;

/** What Temporal takes of a job's own priority: that of its attempts. */
export function attemptPriority(priority: number | undefined): { priority?: { priorityKey: number } } {
  return priority === undefined ? {} : { priority: { priorityKey: priority } };
}

/**
 * That of its workflow's tasks, which are short. Temporal serves a level only while all before it are empty: of jobs that may wait, the
 * attempts wait, and not the workflows, which could then neither be moved nor come to their end.
 */
export function workflowPriority(priority: number | undefined): { priority?: { priorityKey: number } } {
  return attemptPriority(priority === undefined ? undefined : Math.min(priority, DEFAULT_PRIORITY));
}
