/** What workflows ask of the worker that runs them, by local activities on the workflow's own task queue. */
export interface WorkflowSideActivities {
  /** Whether a worker has taken the attempt that the calling workflow is waiting for. */
  isAttemptRunning(): Promise<boolean>;
}
