/** Jobs in memory, for tests of the web: the real fold and the real view, and a worker that does what the test says. */
import { randomUUID } from 'node:crypto';
import { EventEmitter, on } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import { foldJob } from '../../src/job/fold-job.ts';
import { itemAddress, GROUP_WORKFLOW, itemId } from '../../src/job/group/groups.ts';
import type { AttemptEnd, JobEvent } from '../../src/job/job-events.ts';
import type { AttemptReport, JobView, LossEvidence, Progress } from '../../src/job/job.ts';
import type { JobInput } from '../../src/job/job-record.ts';
import { parseTime, recordFromInput, type JobRecord } from '../../src/job/job-record.ts';
import { GROUP_ACTION_NAMES, type ActionName } from '../../src/job/actions.ts';
import { legalActions, type JobState } from '../../src/job/job-states.ts';
import { viewJob } from '../../src/job/job-view.ts';
import { LIMITS } from '../../src/contract/limits.ts';
import type { JobRequest } from '../../src/job/job-request.ts';
import {
  IllegalActionError,
  InvalidActionError,
  JobNotFoundError,
  KeyReusedError,
  TemporalUnreachableError,
} from '../../src/temporal/errors.ts';
import type {
  GroupActionRequest,
  ActionRequest,
  GroupSnapshot,
  JobListItem,
  Jobs,
  JobSnapshot,
  JobToStart,
  PendingAction,
  StartedJob,
  StartKeys,
  WorkerPresence,
} from '../../src/temporal/jobs.ts';

interface FakeJob {
  record: JobRecord;
  running: AttemptReport | undefined;
  pendingActions: (PendingAction & { readonly asked: ActionRequest })[];
}

interface FakeGroup {
  readonly id: string;
  readonly queue: string;
  readonly createdAt: number;
  readonly jobIds: string[];
}

export class FakeJobs implements Jobs {
  workers: WorkerPresence = 'present';
  queueWorkers: WorkerPresence = 'present';
  takesJobs = true;
  /** Thrown by every call while it is set. */
  failure: Error | undefined;
  /** Jobs and groups whose workflows cannot go on, and why. */
  readonly stuck = new Map<string, string>();
  /** Watches that are open now, and those that ever were. */
  watching = 0;
  watched = 0;
  /** How many jobs came in each call of `startAll`, and how many of those calls are under way. */
  readonly slices: number[] = [];
  slicesUnderWay = 0;
  /** Every call of `startAll` waits for this before it answers. */
  startsWhen: () => Promise<void> = async () => undefined;
  /** Keys as they arrived, of each start that had any. */
  readonly keys: StartKeys[] = [];
  readonly #jobs = new Map<string, FakeJob>();
  readonly #groups = new Map<string, FakeGroup>();
  /** Ids of jobs by the request keys that they came with. */
  readonly #requested = new Map<string, string>();
  readonly #changes = new EventEmitter().setMaxListeners(0);
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  get started(): string[] {
    return [...this.#jobs.keys()];
  }

  start: Jobs['start'] = async (request, keys) => {
    this.#check();
    return this.#start(request, keys, () => `${request.kind.replace('Workflow', '').toLowerCase()}-${randomUUID()}`);
  };

  startAll: Jobs['startAll'] = async (jobs) => {
    this.slicesUnderWay += 1;
    this.slices.push(jobs.length);
    try {
      await this.startsWhen();
      this.#check();
      const groups = new Map<string, FakeGroup>();
      return jobs.map((job) => {
        try {
          return { status: 'fulfilled', value: this.#startInGroup(job, groups) };
        } catch (reason) {
          return { status: 'rejected', reason };
        }
      });
    } finally {
      this.slicesUnderWay -= 1;
    }
  };

  read: Jobs['read'] = async (id) => {
    this.#check();
    return this.#snapshot(this.#find(id));
  };

  async *watch(id: string, signal: AbortSignal): AsyncGenerator<JobSnapshot> {
    this.#check();
    const job = this.#find(id);
    this.watching += 1;
    this.watched += 1;
    const changes = on(this.#changes, id, { signal });
    try {
      yield this.#snapshot(job);
      while (job.record.phase !== 'ended') {
        await changes.next();
        this.#check();
        yield this.#snapshot(job);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      await changes.return?.();
      this.watching -= 1;
    }
  }

  act: Jobs['act'] = async (id, action) => {
    this.#check();
    const job = this.#find(id);
    const snapshot = this.#snapshot(job);
    if (!snapshot.actions.includes(action.type)) throw new IllegalActionError(id, action.type, snapshot.job.state);
    if (action.type === 'reschedule' && parseTime(action.dueAt) === undefined)
      throw new InvalidActionError(`${JSON.stringify(action.dueAt)} is not a time`);
    if (this.workers === 'none') {
      const dueAt = action.type === 'reschedule' ? { dueAt: action.dueAt } : {};
      job.pendingActions.push({ action: action.type, askedAt: this.#iso(), ...dueAt, asked: action });
      this.#changes.emit(id);
      return { job: this.#view(job), applied: 'whenAWorkerIsBack' };
    }
    this.#make(job, action);
    return { job: this.#view(job), applied: 'now' };
  };

  readGroup: Jobs['readGroup'] = async (id) => {
    this.#check();
    return this.#groupSnapshot(this.#findGroup(id));
  };

  actOnGroup: Jobs['actOnGroup'] = async (id, action) => {
    this.#check();
    const group = this.#findGroup(id);
    if (action.type === 'reschedule' && parseTime(action.dueAt) === undefined)
      throw new InvalidActionError(`${JSON.stringify(action.dueAt)} is not a time`);
    for (const job of this.#inGroup(group)) this.#actOnItem(job, action);
    return this.#groupSnapshot(group);
  };

  latest: Jobs['latest'] = async (limit) => {
    this.#check();
    const grouped = new Set([...this.#groups.values()].flatMap(({ jobIds }) => jobIds));
    const alone = [...this.#jobs.values()].filter(({ record }) => !grouped.has(record.id));
    const rows = [
      ...alone.map((job) => this.#row(job)),
      ...[...this.#groups.values()].map((group) => this.#groupRow(group)),
    ];
    return rows.toReversed().slice(0, limit);
  };

  health: Jobs['health'] = async () => {
    this.#check();
    const ids = [...this.stuck.keys()];
    return { workers: this.workers, takesJobs: this.takesJobs, stuck: { count: ids.length, ids } };
  };

  /** A worker takes the job's attempt. */
  take(id: string, worker = 'worker-1'): void {
    this.#find(id).running = { startedAt: this.#now(), worker };
    this.#apply(id, { type: 'attemptQueued' });
  }

  progress(id: string, progress: Progress): void {
    const job = this.#find(id);
    if (job.running) job.running = { ...job.running, progress };
    this.#changes.emit(id);
  }

  /** An error gets past the work. */
  stray(id: string, text: string): void {
    const job = this.#find(id);
    if (job.running) job.running = { ...job.running, stray: text };
    this.#changes.emit(id);
  }

  /** @param note why the result was left out */
  finish(id: string, result: unknown, note?: string): void {
    const { running } = this.#find(id);
    const report = { startedAt: this.#now(), worker: 'worker-1', ...running, endedAt: this.#now() };
    this.#end(id, { as: 'done', report: { ...report, result, ...(note !== undefined && { note }) } });
  }

  fail(id: string, message: string, retryable = true, stack?: string): void {
    const error = { type: 'Error', message, ...(stack !== undefined && { stack }) };
    this.#end(id, { as: 'failed', error, retryable, ...this.#report(id) });
  }

  crash(id: string, evidence: LossEvidence = 'shared'): void {
    const error = { type: 'WorkerLost', message: 'its process was killed by SIGKILL while 2 other jobs ran in it' };
    this.#end(id, { as: 'crashed', error, evidence, ...this.#report(id) });
  }

  /** Workers come back, and with them what was asked meanwhile. */
  workersAreBack(): void {
    this.workers = 'present';
    for (const job of this.#jobs.values()) {
      for (const { asked } of job.pendingActions.splice(0)) this.#make(job, asked);
      this.#changes.emit(job.record.id);
    }
  }

  unreachable(): void {
    this.failure = new TemporalUnreachableError(new Error('14 UNAVAILABLE: connect ECONNREFUSED 127.0.0.1:7233'));
  }

  /** Tells open watches to look again. */
  touch(id: string): void {
    this.#changes.emit(id);
  }

  #start(request: JobRequest, keys: StartKeys = {}, newId: () => string): StartedJob {
    if (Object.keys(keys).length > 0) this.keys.push(keys);
    const { idempotencyKey, requestKey } = keys;
    const key = idempotencyKey ?? requestKey;
    const firstId = idempotencyKey ?? this.#requested.get(requestKey ?? '');
    const first = firstId === undefined ? undefined : this.#jobs.get(firstId);
    if (first && key !== undefined) {
      const isSame = first.record.kind === request.kind && isDeepStrictEqual(first.record.args, request.args);
      if (!isSame) throw new KeyReusedError(key);
      return { job: this.#view(first), created: false };
    }
    const { kind, delayMs, options, ...rest } = request;
    const dueAt = delayMs === undefined ? rest.dueAt : new Date(this.#now() + delayMs).toISOString();
    const json = JSON.stringify({ ...rest, ...options, dueAt });
    const id = idempotencyKey ?? newId();
    const job: FakeJob = {
      record: recordFromInput(id, kind, this.#now(), JSON.parse(json) as JobInput),
      running: undefined,
      pendingActions: [],
    };
    this.#jobs.set(id, job);
    if (requestKey !== undefined) this.#requested.set(requestKey, id);
    return { job: this.#view(job), created: true };
  }

  /** In the newest group of its queue and priority, as long as there is room in it. */
  #startInGroup({ request, keys }: JobToStart, groups: Map<string, FakeGroup>): StartedJob {
    const alone = keys?.idempotencyKey !== undefined || request.options.travels === 'alone';
    if (alone) return this.#start(request, keys, () => `report-${randomUUID()}`);
    const { queue } = request;
    const batch = `${request.priority ?? ''} ${queue}`;
    let group = groups.get(batch);
    if (!group || group.jobIds.length === LIMITS.groupItems) {
      group = { id: `group-${randomUUID()}`, queue, createdAt: this.#now(), jobIds: [] };
      groups.set(batch, group);
    }
    const { id, jobIds } = group;
    const started = this.#start(request, keys, () => itemId(id, jobIds.length));
    if (started.created) jobIds.push(started.job.id);
    if (jobIds.length > 0) this.#groups.set(id, group);
    return started;
  }

  /** Every job takes it as far as it may; one that is running takes only what reaches it. */
  #actOnItem(job: FakeJob, action: GroupActionRequest): void {
    const { id } = job.record;
    if (!this.#snapshot(job).actions.includes(action.type)) return;
    if (this.workers === 'none') job.pendingActions.push({ action: action.type, askedAt: this.#iso(), asked: action });
    else this.#make(job, action);
    this.#changes.emit(id);
  }

  /** A job that failed has left. */
  #inGroup({ jobIds }: FakeGroup): FakeJob[] {
    const jobs = jobIds.map((id) => this.#find(id));
    return jobs.filter(({ record }) => !record.attempts.some(({ outcome }) => outcome === 'failed'));
  }

  #groupSnapshot(group: FakeGroup): GroupSnapshot {
    const jobs = group.jobIds.map((id) => this.#view(this.#find(id)));
    const counts: Partial<Record<JobState, number>> = {};
    for (const { state } of jobs) counts[state] = (counts[state] ?? 0) + 1;
    const inGroup = this.#inGroup(group).map((job) => this.#snapshot(job));
    const isOver = inGroup.every(({ job }) => job.endedAt !== null);
    return {
      id: group.id,
      queue: group.queue,
      createdAt: new Date(group.createdAt).toISOString(),
      endedAt: isOver ? this.#iso() : null,
      counts,
      cannotGoOn: this.stuck.get(group.id) ?? null,
      jobs,
      actions: GROUP_ACTION_NAMES.filter((action) => inGroup.some(({ actions }) => actions.includes(action))),
      queueWorkers: this.queueWorkers,
      workers: this.workers,
    };
  }

  #row(job: FakeJob): JobListItem {
    const { id, kind, queue, state, createdAt, dueAt, endedAt } = this.#view(job);
    return { id, kind, queue, state, createdAt, dueAt, endedAt, group: null, cannotGoOn: this.stuck.has(id) };
  }

  /** As visibility tells of it: nothing but its own state. */
  #groupRow(group: FakeGroup): JobListItem {
    const { id, queue, createdAt, endedAt, jobs } = this.#groupSnapshot(group);
    const dueAt = jobs.map((job) => job.dueAt).sort()[0] ?? null;
    const state = endedAt === null ? (Date.parse(dueAt ?? createdAt) > this.#now() ? 'scheduled' : 'queued') : 'done';
    const cannotGoOn = this.stuck.has(id);
    return {
      id,
      kind: GROUP_WORKFLOW,
      queue,
      state,
      createdAt,
      dueAt,
      endedAt,
      group: { jobs: jobs.length },
      cannotGoOn,
    };
  }

  #findGroup(id: string): FakeGroup {
    const group = this.#groups.get(id);
    if (!group) throw new JobNotFoundError(id);
    return group;
  }

  #make({ record: { id } }: FakeJob, action: ActionRequest): void {
    if (action.type === 'cancel') return this.#apply(id, { type: 'cancelRequested' });
    const made = action.type === 'reschedule' ? { type: action.type, dueAt: Date.parse(action.dueAt) } : action;
    this.#apply(id, { type: 'actionTaken', action: made });
  }

  #end(id: string, end: AttemptEnd): void {
    this.#find(id).running = undefined;
    this.#apply(id, { type: 'attemptEnded', end });
  }

  #report(id: string): { report?: AttemptReport } {
    const { running } = this.#find(id);
    return running ? { report: { ...running, endedAt: this.#now() } } : {};
  }

  #apply(id: string, event: JobEvent extends infer E ? (E extends unknown ? Omit<E, 'at'> : never) : never): void {
    const job = this.#find(id);
    job.record = foldJob(job.record, { ...event, at: this.#now() });
    this.#changes.emit(id);
  }

  #find(id: string): FakeJob {
    const job = this.#jobs.get(id);
    if (!job) throw new JobNotFoundError(id);
    return job;
  }

  #view(job: FakeJob): JobView {
    return viewJob(job.record, job.running);
  }

  #snapshot(job: FakeJob): JobSnapshot {
    const view = this.#view(job);
    // Trouble makes a job leave its group.
    const hasLeft = view.attempts.some(({ outcome }) => outcome === 'failed');
    const address = hasLeft ? undefined : itemAddress(view.id);
    return {
      job: view,
      args: job.record.args,
      workflowId: address?.groupId ?? view.id,
      item: address?.item,
      runId: '0193a1c2-run',
      actions: possibleActions(view, job.record.paused),
      queueWorkers: this.queueWorkers,
      workers: this.workers,
      pendingActions: job.pendingActions.map(({ action, askedAt, dueAt }) => ({
        action,
        askedAt,
        ...(dueAt !== undefined && { dueAt }),
      })),
      cannotGoOn: this.stuck.get(address?.groupId ?? view.id) ?? null,
      stale: false,
    };
  }

  #check(): void {
    if (this.failure) throw this.failure;
  }

  #iso(): string {
    return new Date(this.#now()).toISOString();
  }
}

/** A running job can be paused or resumed, whichever it is not. */
function possibleActions(view: JobView, paused: boolean): ActionName[] {
  const actions = legalActions(view.state);
  return view.state === 'running' ? actions.filter((action) => action !== (paused ? 'pause' : 'resume')) : actions;
}
