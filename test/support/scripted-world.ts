/** A Temporal with the real workflows and attempts whose ends the test scripts. */
import type { Client } from '@temporalio/client';
import { CancelledFailure, Context } from '@temporalio/activity';
import type { NativeConnection } from '@temporalio/worker';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import type { AttemptInput, AttemptSuccess, JobInput, JobView } from '../../src/contract/job.ts';
import { workflowSideActivities } from '../../src/activities/is-attempt-running.ts';
import { jobQuery } from '../../src/contract/messages.ts';
import { WORKFLOW_TASK_QUEUE } from '../../src/contract/queues.ts';
import { JobDueAt, JobQueue } from '../../src/contract/search-attributes.ts';

// Attempts that fail on purpose are no news. Before anything else of the SDK, which allows it once a process.
Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'ERROR' } } });

/** What an attempt does: returns its result, or throws. Called with the attempt's number. */
export type Script = (attempt: AttemptInput, signal: AbortSignal) => unknown;

export interface ScriptedWorld {
  readonly client: Client;
  /** The queue that has a worker. */
  readonly queue: string;
  /** Inputs of all attempts so far. */
  readonly attempts: AttemptInput[];
  start(script: Script, input?: Partial<JobInput>, kind?: string): Promise<string>;
  view(jobId: string): Promise<JobView>;
}

export interface ScriptedWorldOptions {
  readonly client: Client;
  readonly connection: NativeConnection;
  readonly workflowBundlePath: string;
  /** Queue that has a worker. Unique to the test file, so that files do not take each other's attempts. */
  readonly queue: string;
}

/** Workers for workflows and for one queue; run them with {@link Worker.runUntil}. */
export async function scriptedWorld(options: ScriptedWorldOptions): Promise<ScriptedWorld & { workers: Worker[] }> {
  const { client, connection, queue } = options;
  const scripts = new Map<string, Script>();
  const attempts: AttemptInput[] = [];
  const runScript = async (attempt: AttemptInput): Promise<AttemptSuccess> => {
    const startedAt = Date.now();
    const context = Context.current();
    const beating = setInterval(() => context.heartbeat({ startedAt, worker: 'scripted' }), 100);
    attempts.push(attempt);
    try {
      const result = (await scripts.get(attempt.jobId)?.(attempt, context.cancellationSignal)) as string;
      return { startedAt, endedAt: Date.now(), worker: 'scripted', result };
    } catch (error) {
      if (context.cancellationSignal.aborted)
        throw new CancelledFailure('cancelled', [{ startedAt, endedAt: Date.now(), worker: 'scripted' }]);
      throw error;
    } finally {
      clearInterval(beating);
    }
  };
  const workers = await Promise.all([
    Worker.create({
      connection,
      taskQueue: WORKFLOW_TASK_QUEUE,
      workflowBundle: { codePath: options.workflowBundlePath },
      activities: workflowSideActivities,
      enableNonLocalActivities: false,
    }),
    Worker.create({
      connection,
      taskQueue: queue,
      activities: { logName: runScript, writeReport: runScript },
      maxHeartbeatThrottleInterval: 100,
      shutdownGraceTime: 0,
    }),
  ]);
  return {
    client,
    queue,
    attempts,
    workers,
    async start(script, input = {}, kind = 'NameWorkflow') {
      const workflowId = `scripted-${randomUUID()}`;
      scripts.set(workflowId, script);
      await client.workflow.start(kind, {
        workflowId,
        taskQueue: WORKFLOW_TASK_QUEUE,
        args: [{ args: { name: 'x' }, queue, ...input }],
        typedSearchAttributes: [
          { key: JobQueue, value: queue },
          { key: JobDueAt, value: new Date() },
        ],
      });
      return workflowId;
    },
    view: (jobId) => client.workflow.getHandle(jobId).query(jobQuery),
  };
}
