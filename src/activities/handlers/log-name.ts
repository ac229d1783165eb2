/** The demo's work: one line in the log. */
import type { Handler } from '../handler.ts';

export const logName: Handler<'NameWorkflow'> = async ({ name }, attempt) => {
  const latenessMs = Date.now() - attempt.dueAt;
  attempt.log.info({ event: 'job.succeeded', name, latenessMs }, `Hello, ${name}`);
  return `Hello, ${name}`;
};
