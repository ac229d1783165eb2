/** The newest jobs, out of visibility: cheap, and a moment behind. */
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { GROUP_WORKFLOW } from '../../job/group/groups.ts';
import { isoTime } from '../../contract/iso-time.ts';
import { JOB_STATES, type JobState as State } from '../../job/job-states.ts';
import { DEFAULT_QUEUE } from '../../contract/queues.ts';
import { JobDueAt, JobQueue, JobState, TemporalReportedProblems } from '../../contract/search-attributes.ts';
import { call } from '../rpc.ts';
import type { JobListItem } from '../jobs.ts';

interface ListDependencies {
  readonly client: Client;
  /** Of workflows. */
  readonly taskQueue: string;
}

/** A job that continued as new is listed by its newest run. */
const ENDED = "ExecutionStatus != 'Running' AND ExecutionStatus != 'ContinuedAsNew'";

export async function latestJobs({ client, taskQueue }: ListDependencies, limit: number): Promise<JobListItem[]> {
  // Whichever kinds this process knows, and by whichever means they were started: without a worker, jobs that came past the web have no attributes yet.
  const ours = `TaskQueue = '${taskQueue}'`;
  // In one list, Temporal puts all open workflows before the first closed one: many jobs that wait would hide all others.
  const [open, ended] = await Promise.all([
    listed(client, `${ours} AND ExecutionStatus = 'Running'`, limit),
    listed(client, `${ours} AND ${ENDED}`, limit),
  ]);
  return [...open, ...ended].sort((a, b) => b.createdAt.localeCompare(a.createdAt)).slice(0, limit);
}

/** Open jobs come by their start, ended ones by their end, the latest first. */
async function listed(client: Client, which: string, limit: number): Promise<JobListItem[]> {
  return call(client, async () => {
    const items: JobListItem[] = [];
    for await (const execution of client.workflow.list({ query: which, pageSize: limit })) {
      items.push(listItem(execution, Date.now()));
      if (items.length === limit) break;
    }
    return items;
  });
}

function listItem(execution: WorkflowExecutionInfo, now: number): JobListItem {
  const { typedSearchAttributes: attributes } = execution;
  const dueAt = attributes.get(JobDueAt);
  return {
    id: execution.workflowId,
    kind: execution.type,
    queue: attributes.get(JobQueue) ?? DEFAULT_QUEUE,
    state: listedState(execution, now),
    createdAt: isoTime(execution.startTime.getTime()),
    dueAt: dueAt ? isoTime(dueAt.getTime()) : null,
    endedAt: execution.closeTime ? isoTime(execution.closeTime.getTime()) : null,
    group: execution.type === GROUP_WORKFLOW ? { jobs: jobsInGroup(execution) } : null,
    cannotGoOn: execution.status.name === 'RUNNING' && attributes.get(TemporalReportedProblems) !== undefined,
  };
}

function jobsInGroup({ memo }: WorkflowExecutionInfo): number {
  const jobs = memo?.['jobs'];
  return typeof jobs === 'number' ? jobs : 0;
}

function listedState({ status, typedSearchAttributes }: WorkflowExecutionInfo, now: number): JobListItem['state'] {
  const marked = typedSearchAttributes.get(JobState);
  const isDue = (typedSearchAttributes.get(JobDueAt)?.getTime() ?? 0) <= now;
  switch (status.name) {
    case 'COMPLETED':
      return 'done';
    case 'CANCELLED':
    case 'TERMINATED':
      return 'cancelled';
    case 'FAILED':
    case 'TIMED_OUT':
      return marked === 'discarded' ? 'discarded' : 'dead';
    case 'RUNNING':
    case 'PAUSED':
      if (marked === 'retrying' || marked === undefined) return isDue ? 'queued' : (marked ?? 'scheduled');
      return isState(marked) ? marked : 'unknown';
    default:
      return 'unknown';
  }
}

function isState(text: string): text is State {
  return Object.hasOwn(JOB_STATES, text);
}
