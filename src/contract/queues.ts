/** Names of task queues. They stand in histories and in people's scripts, so never rename one. */

/** Every workflow runs here, and every worker process serves it, so that a job can be moved while its own queue has no worker. */
export const WORKFLOW_TASK_QUEUE = 'holdfast';

/** A worker that dies with a workflow task in hand holds the job up for this long. Histories are short, so tasks are too. */
export const WORKFLOW_TASK_TIMEOUT = '5s';

/** The queue of a job whose request names none. */
export const DEFAULT_QUEUE = 'default';

/** What a queue may be called. `holdfast` itself is kept for workflows. */
export const QUEUE_NAME_PATTERN = /^(?!holdfast$)[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$/;
