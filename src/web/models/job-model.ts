/** What pages show, made from what the client side of Temporal tells. Pages compute nothing; they only draw this. */
import { itemAddress } from '../../job/group/groups.ts';
import type { ActionTaken, AttemptOutcome, AttemptView, JobErrorView, LossEvidence, Progress } from '../../job/job.ts';
import type { ActionName } from '../../job/actions.ts';
import { JOB_STATES, type JobState } from '../../job/job-states.ts';
import type { JobListItem, JobSnapshot } from '../../temporal/jobs.ts';
import { formatDuration, formatForInput } from './format-times.ts';
import { sentence } from '../sentence.ts';
import { jobCommands, jobUrl, type Command, type Surroundings } from './in-temporal.ts';
import { jobNotices, type Notice } from './notices.ts';
import { groupPath, jobPath } from '../paths.ts';

/** `unknown`: a state that this version does not know, say of a job that a newer one started. */
export type ShownState = JobState | 'unknown';

export interface JobModel {
  readonly id: string;
  readonly path: string;
  /** Set when the job came in a group. */
  readonly group: GroupLink | undefined;
  readonly kind: string;
  readonly queue: string;
  readonly state: ShownState;
  readonly sentence: string;
  readonly ended: boolean;
  /** Set while the job waits for a moment; a countdown runs to it. */
  readonly waitsUntil: string | undefined;
  readonly dueAt: string;
  readonly createdAt: string;
  readonly endedAt: string | null;
  readonly attemptsSpent: string;
  readonly crashes: number;
  /** Why the result of a job that is done is not there. */
  readonly note: string | undefined;
  readonly progress: (Progress & { readonly percent: number }) | undefined;
  readonly result: string | undefined;
  readonly error: JobErrorView | undefined;
  readonly notices: readonly Notice[];
  readonly actions: readonly ActionName[];
  /** Value of the reschedule form, in UTC. */
  readonly dueAtInput: string;
  readonly attempts: readonly AttemptModel[];
  /** Newest first. */
  readonly actionsTaken: readonly ActionTaken[];
  readonly args: readonly { readonly name: string; readonly value: string }[];
  readonly commands: readonly Command[];
  readonly temporalUrl: string;
}

export interface GroupLink {
  readonly id: string;
  readonly path: string;
}

export interface AttemptModel {
  readonly number: number;
  /** `queued` and `running` while it has not ended. */
  readonly outcome: AttemptOutcome | 'queued' | 'running';
  readonly startedAt: string | null;
  readonly duration: string | undefined;
  readonly worker: string | null;
  readonly error: JobErrorView | null;
  /** Of a crash: what is known of whose fault it was. */
  readonly evidence: string | undefined;
  /** An error that got past the work meanwhile. */
  readonly stray: string | undefined;
}

export function jobModel(snapshot: JobSnapshot, surroundings: Surroundings): JobModel {
  const { job, args, actions } = snapshot;
  const ended = job.endedAt !== null;
  return {
    id: job.id,
    path: jobPath(job.id),
    group: groupLink(job.id),
    kind: job.kind,
    queue: job.queue,
    state: shownState(job.state),
    sentence: sentenceOf(job.state),
    ended,
    waitsUntil: job.state === 'scheduled' || job.state === 'retrying' ? job.dueAt : undefined,
    dueAt: job.dueAt,
    createdAt: job.createdAt,
    endedAt: job.endedAt,
    attemptsSpent: `${job.attempt} of ${job.maxAttempts}`,
    crashes: job.crashes,
    note: job.note === null ? undefined : sentence(job.note),
    progress: job.progress ? { ...job.progress, percent: percentOf(job.progress) } : undefined,
    result: job.state === 'done' && job.note === null ? asText(job.result) : undefined,
    // While it works or waits for a worker, what went wrong before stands in the timeline only.
    error:
      job.state === 'running' || job.state === 'queued' || job.state === 'done' ? undefined : (job.error ?? undefined),
    notices: ended ? [] : jobNotices(snapshot, surroundings.programs),
    actions: actions.filter((action) => action !== 'edit'),
    dueAtInput: formatForInput(job.dueAt),
    attempts: job.attempts.map((attempt, index) =>
      attemptModel(attempt, index === job.attempts.length - 1 && job.state === 'running'),
    ),
    actionsTaken: job.actionsTaken.toReversed(),
    args: argsOf(args),
    commands: jobCommands(snapshot, surroundings),
    temporalUrl: jobUrl(snapshot, surroundings),
  };
}

/** A row of a list: a job, or a group of them. */
export interface JobRowModel {
  readonly path: string;
  /** A job's id, or how many a group has. */
  readonly name: string;
  /** Only of a group. */
  readonly groupId: string | undefined;
  readonly kind: string;
  readonly queue: string;
  readonly state: ShownState;
  /** The moment that matters most to its state, and what it is. */
  readonly time: { readonly label: string; readonly at: string };
  readonly cannotGoOn: boolean;
}

export function jobRowModel(item: JobListItem): JobRowModel {
  const { id, kind, queue, state, group } = item;
  const common = { queue, state: shownState(state), time: rowTime(item), cannotGoOn: item.cannotGoOn };
  return group
    ? { ...common, path: groupPath(id), name: countOfJobs(group.jobs), groupId: id, kind: 'Group' }
    : { ...common, path: jobPath(id), name: id, groupId: undefined, kind };
}

export function countOfJobs(count: number): string {
  return count === 1 ? '1 job' : `${count} jobs`;
}

function groupLink(jobId: string): GroupLink | undefined {
  const address = itemAddress(jobId);
  return address && { id: address.groupId, path: groupPath(address.groupId) };
}

export function rowTime({ state, dueAt, endedAt, createdAt }: RowTimes): JobRowModel['time'] {
  if (endedAt !== null) return { label: 'ended', at: endedAt };
  if (dueAt !== null && (state === 'scheduled' || state === 'retrying')) return { label: 'due', at: dueAt };
  return { label: 'created', at: createdAt };
}

type RowTimes = Pick<JobListItem, 'state' | 'dueAt' | 'endedAt' | 'createdAt'>;

export function shownState(state: string): ShownState {
  return Object.hasOwn(JOB_STATES, state) ? (state as JobState) : 'unknown';
}

function sentenceOf(state: JobState): string {
  const summary = Object.hasOwn(JOB_STATES, state)
    ? JOB_STATES[state].summary
    : `is in a state that this version does not know: ${state}`;
  return sentence(summary);
}

function attemptModel(attempt: AttemptView, running: boolean): AttemptModel {
  const { number, startedAt, endedAt, worker, error } = attempt;
  const duration =
    startedAt !== null && endedAt !== null ? formatDuration(Date.parse(endedAt) - Date.parse(startedAt)) : undefined;
  return {
    number,
    outcome: attempt.outcome ?? (running ? 'running' : 'queued'),
    startedAt,
    duration,
    worker,
    error,
    evidence: attempt.evidence === null ? undefined : EVIDENCE[attempt.evidence],
    stray: attempt.stray ?? undefined,
  };
}

const EVIDENCE: Readonly<Record<LossEvidence, string>> = {
  alone: 'Evidence: it ran alone, in a process that had run nothing else.',
  shared: 'Evidence: none against this job alone; others ran in that process, or had.',
  none: 'Evidence: none against any job.',
};

function percentOf({ done, total }: Progress): number {
  return total > 0 ? Math.max(0, Math.min(100, Math.floor((done / total) * 100))) : 0;
}

function argsOf(args: unknown): JobModel['args'] {
  if (typeof args !== 'object' || args === null) return [{ name: 'value', value: asText(args) ?? '' }];
  return Object.entries(args).map(([name, value]) => ({ name, value: asText(value) ?? '' }));
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}
