/** Temporal's own two ways to run a job, with the SDK as it comes. */
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { BARE_TASK_QUEUE, type BareActivities, type BareJob } from '../bare/activities.ts';
import type { bareJob } from '../bare/workflows.ts';
import type { NumberedJob, Road } from './subject.ts';

export function bareWorkflows(client: Client): Road {
  return eachByItself(async (job, startDelay) => {
    await client.workflow.start<typeof bareJob>('bareJob', {
      workflowId: randomUUID(),
      taskQueue: BARE_TASK_QUEUE,
      args: [job],
      startDelay,
    });
  });
}

export function bareActivities(client: Client): Road {
  const activities = client.activity.typed<BareActivities>();
  return eachByItself(async (job, startDelay) => {
    await activities.start('greet', {
      id: randomUUID(),
      taskQueue: BARE_TASK_QUEUE,
      args: [job],
      startToCloseTimeout: '1 minute',
      startDelay,
    });
  });
}

function eachByItself(startOne: (job: BareJob, startDelay: number) => Promise<void>): Road {
  const start = async ({ number, dueAt }: NumberedJob): Promise<void> => {
    const now = Date.now();
    await startOne({ name: String(number), dueAt: dueAt ?? now }, Math.max(0, (dueAt ?? now) - now));
  };
  return { start, startAll: async (jobs) => void (await Promise.all(jobs.map(start))) };
}
