/** The work of Holdfast's `NameWorkflow`, as an activity of the bare SDK: the same line in the log. */
import type { Logger } from 'pino';

export const BARE_TASK_QUEUE = 'bare';

export interface BareJob {
  readonly name: string;
  /** @format milliseconds since 1970 */
  readonly dueAt: number;
}

export function createBareActivities(log: Logger) {
  return {
    async greet({ name, dueAt }: BareJob): Promise<string> {
      const latenessMs = Date.now() - dueAt;
      log.info({ event: 'job.succeeded', name, latenessMs }, `Hello, ${name}`);
      return `Hello, ${name}`;
    },
  };
}

export type BareActivities = ReturnType<typeof createBareActivities>;
