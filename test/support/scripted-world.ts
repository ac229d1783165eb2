/** A Temporal with the real workflows and attempts whose ends the test scripts. */
import type { Client } from '@temporalio/client';
import { Context } from '@temporalio/activity';
import type { NativeConnection } from '@temporalio/worker';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import type { ActivityInHand } from '../../src/activities/dependencies.ts';
import { createActivities } from '../../src/activities/index.ts';
import { failureOf } from '../../src/job/attempt-end.ts';
import { BUDGETS } from '../../src/contract/budgets.ts';
import type { AttemptInput, AttemptSuccess, JobView } from '../../src/job/job.ts';
import type { JobInput } from '../../src/job/job-record.ts';
import { workflowSideActivities } from '../../src/activities/is-attempt-running.ts';
import { Slots } from '../../src/activities/slots.ts';
import { GROUP_WORKFLOW, itemId, type GroupInput, type GroupItem } from '../../src/job/group/groups.ts';
import { jobQuery } from '../../src/contract/messages.ts';
import { DEFAULT_TASK_QUEUE } from '../../src/contract/queues.ts';
import { JobDueAt, JobQueue } from '../../src/contract/search-attributes.ts';
import { plainFailure, plainResult } from '../../src/runner/plain-values.ts';
import { inProcessRunners } from './in-process-runners.ts';
import { attemptInput, CATALOGUE, takingAnything, workOf } from './kinds.ts';
import { SLOTS } from './group-scenarios.ts';
import { notHere, ScriptedEnd } from './scripted-ends.ts';

// Attempts that fail on purpose are no news. Before anything else of the SDK, which allows it once a process.
Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'ERROR' } } });

/** What an attempt does: returns its result, or throws. Called with the attempt's number. */
export type Script = (attempt: AttemptInput, signal: AbortSignal) => unknown;

/** A job of a group: what its attempts do, and how it differs from a job that is due at once. */
export interface ScriptedItem extends Partial<GroupItem> {
  readonly script: Script;
}

export interface ScriptedWorld {
  readonly client: Client;
  /** The queue that has a worker. */
  readonly queue: string;
  /** Inputs of all attempts so far. */
  readonly attempts: AttemptInput[];
  start(script: Script, input?: Partial<JobInput>, kind?: string): Promise<string>;
  /** What the attempts of a job do that the test starts by itself. */
  script(jobId: string, script: Script): void;
  view(jobId: string): Promise<JobView>;
  /** A group of NameWorkflows. @returns its id */
  startGroup(items: readonly ScriptedItem[], input?: Partial<GroupInput>): Promise<string>;
  /** While it has neither ended nor left its group. */
  itemView(groupId: string, item: number): Promise<JobView>;
  /** Chunks that a worker has in hand. */
  readonly chunksInHand: ReadonlySet<ActivityInHand>;
}

export interface ScriptedWorldOptions {
  readonly client: Client;
  readonly connection: NativeConnection;
  readonly workflowBundlePath: string;
  /** Queue that has a worker. Unique to the test file, so that files do not take each other's attempts. */
  readonly queue: string;
  /** Of the workflows. One of its own where other workflow code must not answer; the other files' by default. */
  readonly taskQueue?: string;
}

/** Workers for workflows and for one queue; run them with {@link Worker.runUntil}. */
export async function scriptedWorld(options: ScriptedWorldOptions): Promise<ScriptedWorld & { workers: Worker[] }> {
  const { client, connection, queue, taskQueue = DEFAULT_TASK_QUEUE } = options;
  const scripts = new Map<string, Script>();
  const attempts: AttemptInput[] = [];
  const runScript = async (attempt: AttemptInput): Promise<AttemptSuccess> => {
    const startedAt = Date.now();
    const context = Context.current();
    const beating = setInterval(() => context.heartbeat({ startedAt, worker: 'scripted' }), 100);
    attempts.push(attempt);
    try {
      if (!CATALOGUE.find(attempt.kind)) notHere();
      const returned = await scripts.get(attempt.jobId)?.(attempt, context.cancellationSignal);
      const { as: _done, result, ...note } = plainResult(returned, BUDGETS.result);
      return { startedAt, endedAt: Date.now(), worker: 'scripted', result, ...note };
    } catch (error) {
      const report = { startedAt, endedAt: Date.now(), worker: 'scripted' };
      if (context.cancellationSignal.aborted)
        throw failureOf({ as: 'cancelled', error: { type: 'Cancelled', message: 'cancelled' }, report });
      const end = error instanceof ScriptedEnd ? error.end : plainFailure(error);
      throw failureOf(end.as === 'returned' ? end : { ...end, report });
    } finally {
      clearInterval(beating);
    }
  };
  const chunksInHand = new Set<ActivityInHand>();
  const inputs = new Map<string, AttemptInput>();
  const work = takingAnything(
    workOf(async (_args, { jobId, signal }) => {
      const input = inputs.get(jobId) ?? attemptInput({ jobId });
      attempts.push(input);
      return scripts.get(jobId)?.(input, signal);
    }),
  );
  const runners = inProcessRunners(work, 'scripted', pino({ level: 'silent' }));
  const slots = new Slots(SLOTS);
  const { runChunk } = createActivities({
    runners: {
      run(input, owner) {
        inputs.set(input.jobId, input);
        return runners.run(input, owner);
      },
    },
    worker: 'scripted',
    slots: () => slots,
    note(activity) {
      chunksInHand.add(activity);
      return { [Symbol.dispose]: () => chunksInHand.delete(activity) };
    },
  });
  const workers = await Promise.all([
    Worker.create({
      connection,
      taskQueue,
      workflowBundle: { codePath: options.workflowBundlePath },
      activities: workflowSideActivities,
      enableNonLocalActivities: false,
    }),
    Worker.create({
      connection,
      taskQueue: queue,
      activities: { runAttempt: runScript, runChunk },
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
        taskQueue,
        args: [{ args: { name: 'x' }, queue, ...input }],
        typedSearchAttributes: [
          { key: JobQueue, value: queue },
          { key: JobDueAt, value: new Date() },
        ],
      });
      return workflowId;
    },
    script: (jobId, script) => void scripts.set(jobId, script),
    view: (jobId) => client.workflow.getHandle(jobId).query(jobQuery),
    chunksInHand,
    async startGroup(items, input = {}) {
      const workflowId = `group-${randomUUID()}`;
      for (const [number, { script }] of items.entries()) scripts.set(itemId(workflowId, number), script);
      const group: GroupInput = {
        queue,
        items: items.map(itemOf),
        ...input,
      };
      await client.workflow.start(GROUP_WORKFLOW, {
        workflowId,
        taskQueue,
        args: [group],
        typedSearchAttributes: [
          { key: JobQueue, value: group.queue },
          { key: JobDueAt, value: new Date() },
        ],
      });
      return workflowId;
    },
    itemView: (groupId, item) => client.workflow.getHandle(groupId).query(jobQuery, item),
  };
}

/** A script may come with more than a job has. */
function itemOf({ kind, args, dueAt, delayMs, maxAttempts, retryDelaysMs, timeoutMs }: ScriptedItem): GroupItem {
  const fields = { dueAt, delayMs, maxAttempts, retryDelaysMs, timeoutMs };
  return { kind: kind ?? 'NameWorkflow', args: args ?? { name: 'x' }, ...(fields as Partial<GroupItem>) };
}
