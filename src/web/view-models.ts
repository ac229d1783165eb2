/** What pages show, made from what the client side of Temporal tells. Pages compute nothing; they only draw this. */
import type { Config } from '../config.ts';
import type { AttemptOutcome, AttemptView, JobErrorView, Progress } from '../contract/job.ts';
import { JOB_STATES, type JobState, type MoveName } from '../contract/job-states.ts';
import type { JobListItem, JobSnapshot } from '../temporal/jobs.ts';
import { formatDuration, formatForInput } from './format-times.ts';
import { MOVES } from './moves.ts';
import { shellQuote } from './shell-quote.ts';

/** `unknown`: a state that this version does not know, say of a job that a newer one started. */
export type ShownState = JobState | 'unknown';

export interface JobModel {
  readonly id: string;
  readonly path: string;
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
  readonly progress: (Progress & { readonly percent: number }) | undefined;
  readonly result: string | undefined;
  readonly error: JobErrorView | undefined;
  readonly notices: readonly Notice[];
  readonly moves: readonly MoveName[];
  /** Value of the reschedule form, in UTC. */
  readonly dueAtInput: string;
  readonly attempts: readonly AttemptModel[];
  readonly args: readonly { readonly name: string; readonly value: string }[];
  readonly commands: readonly { readonly label: string; readonly command: string }[];
  readonly temporalUrl: string;
}

interface Notice {
  readonly tone: 'info' | 'warning';
  readonly title: string;
  readonly text?: string;
  /** ISO 8601, each with what it is. */
  readonly moments?: readonly { readonly label: string; readonly at: string }[];
  readonly command?: string;
}

export interface AttemptModel {
  readonly number: number;
  /** `queued` and `running` while it has not ended. */
  readonly outcome: AttemptOutcome | 'queued' | 'running';
  readonly startedAt: string | null;
  readonly duration: string | undefined;
  readonly worker: string | null;
  readonly error: JobErrorView | null;
}

export function jobModel(snapshot: JobSnapshot, temporal: Pick<Config['temporal'], 'uiUrl' | 'namespace'>): JobModel {
  const { job, args, moves } = snapshot;
  const ended = job.endedAt !== null;
  return {
    id: job.id,
    path: jobPath(job.id),
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
    progress: job.progress ? { ...job.progress, percent: percentOf(job.progress) } : undefined,
    result: job.state === 'done' ? asText(job.result) : undefined,
    // While it works or waits for a worker, what went wrong before stands in the timeline only.
    error:
      job.state === 'running' || job.state === 'queued' || job.state === 'done' ? undefined : (job.error ?? undefined),
    notices: ended ? [] : noticesOf(snapshot),
    moves: moves.filter((move) => move !== 'edit'),
    dueAtInput: formatForInput(job.dueAt),
    attempts: job.attempts.map((attempt, index) =>
      attemptModel(attempt, index === job.attempts.length - 1 && job.state === 'running'),
    ),
    args: argsOf(args),
    commands: commandsOf(job.id, moves),
    temporalUrl: temporalUrlOf(snapshot, temporal),
  };
}

export interface JobRowModel {
  readonly id: string;
  readonly path: string;
  readonly kind: string;
  readonly queue: string;
  readonly state: ShownState;
  /** The moment that matters most to its state, and what it is. */
  readonly time: { readonly label: string; readonly at: string };
}

export function jobRowModel(item: JobListItem): JobRowModel {
  const { id, kind, queue, state } = item;
  return { id, path: jobPath(id), kind, queue, state: shownState(state), time: rowTime(item) };
}

export function jobPath(id: string): string {
  return `/jobs/${encodeURIComponent(id)}`;
}

function rowTime({ state, dueAt, endedAt, createdAt }: JobListItem): JobRowModel['time'] {
  if (endedAt !== null) return { label: 'ended', at: endedAt };
  if (dueAt !== null && (state === 'scheduled' || state === 'retrying')) return { label: 'due', at: dueAt };
  return { label: 'created', at: createdAt };
}

function shownState(state: string): ShownState {
  return Object.hasOwn(JOB_STATES, state) ? (state as JobState) : 'unknown';
}

function sentenceOf(state: JobState): string {
  const summary = Object.hasOwn(JOB_STATES, state)
    ? JOB_STATES[state].summary
    : `is in a state that this version does not know: ${state}`;
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}

/** What stands in the job's way, most pressing first. */
function noticesOf({ job, workers, queueWorkers, pendingMoves, stale }: JobSnapshot): Notice[] {
  const notices: Notice[] = [];
  if (stale)
    notices.push({
      tone: 'warning',
      title: 'Temporal does not answer',
      text: 'This is how the job was when it last did. What Temporal has accepted is on its disk.',
    });
  if (workers === 'none')
    notices.push({
      tone: 'warning',
      title: 'No worker is running',
      text: 'The job is safe in Temporal and goes on as soon as one is back. To start one:',
      command: 'bin/hard_worker',
    });
  else if (queueWorkers === 'none' && job.state !== 'dead')
    notices.push({
      tone: 'warning',
      title: `No worker serves the queue ${job.queue}`,
      text: 'The job waits in the queue until one does; it can be moved meanwhile. To start one:',
      command: `bin/hard_worker --queue ${shellQuote(job.queue)}`,
    });
  for (const { move, askedAt, dueAt } of pendingMoves)
    notices.push({
      tone: 'info',
      title: `${MOVES[move].label} takes effect when a worker is back`,
      moments: [
        { label: 'Asked for at', at: askedAt },
        ...(dueAt === undefined ? [] : [{ label: 'to be due at', at: dueAt }]),
      ],
    });
  return notices;
}

function attemptModel(attempt: AttemptView, running: boolean): AttemptModel {
  const { number, startedAt, endedAt, worker, error } = attempt;
  const duration =
    startedAt !== null && endedAt !== null ? formatDuration(Date.parse(endedAt) - Date.parse(startedAt)) : undefined;
  return { number, outcome: attempt.outcome ?? (running ? 'running' : 'queued'), startedAt, duration, worker, error };
}

function percentOf({ done, total }: Progress): number {
  return total > 0 ? Math.min(100, Math.floor((done / total) * 100)) : 0;
}

function argsOf(args: unknown): JobModel['args'] {
  if (typeof args !== 'object' || args === null) return [{ name: 'value', value: asText(args) ?? '' }];
  return Object.entries(args).map(([name, value]) => ({ name, value: asText(value) ?? '' }));
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

function commandsOf(id: string, moves: readonly MoveName[]): JobModel['commands'] {
  const job = `--workflow-id ${shellQuote(id)}`;
  const commands = [
    { label: 'See the job', command: `bin/temporal workflow query ${job} --type job` },
    { label: 'See its history', command: `bin/temporal workflow show ${job}` },
  ];
  if (moves.includes('reschedule'))
    commands.push({
      label: 'Reschedule it',
      command: `bin/temporal workflow update execute ${job} --name reschedule --input '"2030-01-01T00:00:00Z"'`,
    });
  if (moves.includes('cancel')) commands.push({ label: 'Cancel it', command: `bin/temporal workflow cancel ${job}` });
  return commands;
}

function temporalUrlOf(
  { job, runId }: JobSnapshot,
  { uiUrl, namespace }: Pick<Config['temporal'], 'uiUrl' | 'namespace'>,
): string {
  const path = ['namespaces', namespace, 'workflows', job.id, runId].map((part) => encodeURIComponent(part));
  return `${uiUrl.replace(/\/$/, '')}/${path.join('/')}`;
}
