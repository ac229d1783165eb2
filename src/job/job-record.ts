/** All that is known of a job: what its events are folded into. Plain data, so it can be carried into the next run. */
import type { ActionName } from './actions.ts';
import type { Blame } from './blame.ts';
import type { AttemptOutcome, GivenBack, JobArgs, JobErrorView, LossEvidence, Progress } from './job.ts';
import { DEFAULT_JOB_OPTIONS, type JobOptions } from './job-options.ts';
import { FAILURE } from '../contract/failures.ts';
import { isKindName } from '../contract/kind-names.ts';
import type { JobState } from './job-states.ts';
import { DEFAULT_QUEUE } from '../contract/queues.ts';

/** The others show once these are mended. */
const PROBLEMS_TOLD = 5;

/** Times are milliseconds since 1970. */
export interface AttemptRecord {
  readonly number: number;
  readonly queuedAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly outcome?: AttemptOutcome;
  readonly worker?: string;
  readonly error?: JobErrorView;
  readonly evidence?: LossEvidence;
  readonly stray?: string;
}

/** An action that had an effect. @see {@link JobRecord} */
export interface ActionRecord {
  readonly type: ActionName;
  /** @format milliseconds since 1970 */
  readonly at: number;
  readonly by?: string;
}

/** Times are milliseconds since 1970. */
export interface JobRecord extends JobOptions {
  readonly id: string;
  readonly kind: string;
  readonly args: unknown;
  readonly queue: string;
  readonly priority?: number | undefined;
  readonly createdAt: number;
  readonly dueAt: number;
  readonly phase: 'waiting' | 'attempting' | 'dead' | 'ended';
  readonly paused: boolean;
  readonly cancelRequested: boolean;
  /** Whether the attempt under way was asked back out of its queue: if it comes back cancelled, it never counted. */
  readonly withdrawn: boolean;
  /** Attempts that count against `maxAttempts`, the one under way included. */
  readonly spent: number;
  readonly crashes: number;
  /** How many of its crashes no longer count, since a person retried the job. */
  readonly crashesForgiven?: number;
  readonly blame?: Blame | undefined;
  /** Workers that died with this job in hand, among others, and did not say whether they had begun with it. */
  readonly unexplainedDeaths?: number | undefined;
  readonly givenBack?: GivenBack | undefined;
  /** Number of the newest attempt. */
  readonly lastNumber: number;
  /** Oldest first; only the newest `LIMITS.attemptsShown`. */
  readonly attempts: readonly AttemptRecord[];
  /** Oldest first; only the newest `LIMITS.actionsShown`. */
  readonly actions?: readonly ActionRecord[] | undefined;
  readonly progress?: Progress | undefined;
  readonly checkpoint?: unknown;
  readonly result?: unknown;
  readonly note?: string | undefined;
  readonly error?: JobErrorView | undefined;
  readonly deadSince?: number | undefined;
  readonly endedAt?: number;
  readonly endedAs?: 'done' | 'discarded' | 'cancelled' | 'dead';
}

/** A record on its way into the next run, without arguments if they are the input's. */
export type CarriedRecord = Omit<JobRecord, 'args'> & { readonly args?: unknown };

/** Input of every job's workflow. Only `args` is needed, so a job can be started from Temporal's CLI as well. */
export interface JobInput extends Partial<JobOptions> {
  readonly args: JobArgs;
  /** @default default */
  readonly queue?: string;
  /** ISO 8601. @default at once */
  readonly dueAt?: string;
  /** Instead of `dueAt`: counted from the workflow's start, by Temporal's clock. @format milliseconds */
  readonly delayMs?: number;
  /** 1 goes first, 5 last, where attempts wait for a worker. @default 3 */
  readonly priority?: number;
  /** The job so far; only set when the workflow continues as new. */
  readonly record?: CarriedRecord;
}

/**
 * The record of a job that has just been started, or the one that its last run handed on.
 * @param createdAt by Temporal's clock, from which a delay counts. @format milliseconds since 1970
 * @param problems what is not usable of its start: until a person has looked at it, such a job is dead
 */
export function recordFromInput(
  id: string,
  kind: string,
  createdAt: number,
  input: JobInput,
  problems: readonly string[] = [],
): JobRecord {
  // A run that continues as new carries its arguments once: they may be as large as Temporal allows.
  const record = input.record
    ? { ...input.record, id, kind, args: input.record.args ?? input.args }
    : fresh(id, kind, createdAt, input);
  return problems.length === 0 ? record : unusable(record, createdAt, problems);
}

function unusable(record: JobRecord, at: number, problems: readonly string[]): JobRecord {
  const more = problems.length - PROBLEMS_TOLD;
  const told = `${problems.slice(0, PROBLEMS_TOLD).join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
  const type = FAILURE.jobInvalid;
  // Nobody can mend a kind.
  if (!isKindName(record.kind))
    return { ...record, phase: 'ended', endedAs: 'dead', endedAt: at, error: { type, message: told } };
  const message = `${told}. Edit the job and retry it, or discard it`;
  return { ...record, phase: 'dead', deadSince: at, error: { type, message } };
}

function fresh(id: string, kind: string, createdAt: number, input: JobInput): JobRecord {
  return {
    id,
    kind,
    args: input.args,
    queue: input.queue ?? DEFAULT_QUEUE,
    ...(input.priority !== undefined && { priority: input.priority }),
    maxAttempts: input.maxAttempts ?? DEFAULT_JOB_OPTIONS.maxAttempts,
    retryDelaysMs: input.retryDelaysMs ?? DEFAULT_JOB_OPTIONS.retryDelaysMs,
    timeoutMs: input.timeoutMs ?? DEFAULT_JOB_OPTIONS.timeoutMs,
    travels: input.travels ?? DEFAULT_JOB_OPTIONS.travels,
    createdAt,
    dueAt: dueAtOf(input, createdAt),
    phase: 'waiting',
    paused: false,
    cancelRequested: false,
    withdrawn: false,
    spent: 0,
    crashes: 0,
    lastNumber: 0,
    attempts: [],
  };
}

/** When a job that was started then is due. @format milliseconds since 1970 */
export function dueAtOf({ dueAt, delayMs }: Pick<JobInput, 'dueAt' | 'delayMs'>, createdAt: number): number {
  if (delayMs !== undefined) return createdAt + delayMs;
  return (dueAt === undefined ? undefined : parseTime(dueAt)) ?? createdAt;
}

/** `queued` covers `running` here: Temporal tells a workflow nothing of an attempt between handing it out and its end. */
export function stateOf(record: JobRecord): JobState {
  if (record.phase === 'ended') return record.endedAs ?? 'cancelled';
  if (record.phase === 'dead') return 'dead';
  if (record.phase === 'attempting') return 'queued';
  if (record.paused) return 'paused';
  return record.lastNumber > 0 ? 'retrying' : 'scheduled';
}

/** Since when it may have run, of a job that may have: an attempt began, or a worker died that did not say whether one had. @format milliseconds since 1970 */
export function ranSince({ lastNumber, unexplainedDeaths, attempts, createdAt }: JobRecord): number | undefined {
  if (lastNumber === 1 && unexplainedDeaths === undefined) return undefined;
  const [first] = attempts;
  return first && first.number === 1 && unexplainedDeaths === undefined ? first.queuedAt : createdAt;
}

/** Whether a group has handed it out before it is due: a worker has it, and waits for its time. */
export function isAheadOfItsTime({ phase, dueAt }: JobRecord, now: number): boolean {
  return phase === 'attempting' && dueAt > now;
}

const TIME = /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/;

/** Milliseconds since 1970, or `undefined` when `text` is not an ISO 8601 date and time with its zone. */
export function parseTime(text: string): number | undefined {
  const { year, month, day } = TIME.exec(text)?.groups ?? {};
  // JavaScript takes February 30th for March 2nd.
  if (Number(day) > new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()) return undefined;
  const time = year === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
