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
import { isActionLegal, legalActions, type JobState } from '../../src/job/job-states.ts';
import { viewJob } from '../../src/job/job-view.ts';
import { isoTime } from '../../src/contract/iso-time.ts';
import { LIMITS } from '../../src/contract/limits.ts';
import type { JobRequest } from '../../src/job/job-request.ts';
import { readAction } from '../../src/job/read-action.ts';
import { checkInput } from '../../src/temporal/actions/ask-for-action.ts';
import { askedNow, dueTime, newJob, newJobId } from '../../src/temporal/start/new-job.ts';
import { isSameAsSent } from '../../src/temporal/start/start-job.ts';
import {
  IllegalActionError,
  JobNotFoundError,
  KeyReusedError,
  TemporalUnreachableError,
} from '../../src/temporal/errors.ts';
import type {
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
  isEdited: boolean;
  /** Its group, for good: trouble travels alone. */
  hasLeft: boolean;
}

interface FakeGroup {
  readonly id: string;
  readonly queue: string;
  readonly createdAt: number;
  readonly jobIds: string[];
  endedAt: number | null;
  isCancelled: boolean;
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
    return this.#start({ request, ...(keys && { keys }) });
  };

  startAll: Jobs['startAll'] = async (jobs) => {
    this.slicesUnderWay += 1;
    this.slices.push(jobs.length);
    try {
      await this.startsWhen();
      this.#check();
      return this.#startAll(jobs);
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
    if (signal.aborted) return;
    const job = this.#find(id);
    this.watching += 1;
    this.watched += 1;
    const changes = on(this.#changes, id, { signal });
    let last: JobSnapshot | undefined;
    try {
      for (;;) {
        const current = this.#snapshot(job);
        if (!isDeepStrictEqual(current, last)) yield current;
        if (current.job.endedAt !== null) return;
        last = current;
        await changes.next();
        this.#check();
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
    checkInput(action);
    if (this.workers === 'none') this.#keep(job, action);
    else this.#make(job, action);
    // A worker ends what it has in hand in its own time.
    const isWaiting = this.workers === 'none' || (action.type === 'cancel' && job.record.phase !== 'ended');
    return { job: this.#view(job), applied: isWaiting ? 'whenAWorkerIsBack' : 'now' };
  };

  readGroup: Jobs['readGroup'] = async (id) => {
    this.#check();
    return this.#groupSnapshot(this.#findGroup(id));
  };

  actOnGroup: Jobs['actOnGroup'] = async (id, action) => {
    this.#check();
    const group = this.#findGroup(id);
    checkInput(action);
    if (action.type === 'cancel') group.isCancelled ||= group.endedAt === null;
    for (const job of this.#inGroup(group)) {
      if (this.workers === 'none') this.#keep(job, action);
      else if (isActionLegal(this.#view(job).state, action.type)) this.#make(job, action);
    }
    return this.#groupSnapshot(group);
  };

  latest: Jobs['latest'] = async (limit) => {
    this.#check();
    const alone = [...this.#jobs.values()].filter(({ record, hasLeft }) => hasLeft || !itemAddress(record.id));
    const rows = [
      ...alone.map((job) => this.#row(job)),
      ...[...this.#groups.values()].map((group) => this.#groupRow(group)),
    ];
    return rows
      .toReversed()
      .sort((a, b) => b.createdAt.localeCompare(a.createdAt))
      .slice(0, limit);
  };

  health: Jobs['health'] = async () => {
    this.#check();
    const ids = [...this.stuck.keys()];
    return { workers: this.workers, takesJobs: this.takesJobs, stuck: { count: ids.length, ids } };
  };

  /** Its attempt goes into its queue, where no worker takes it yet. */
  queue(id: string): void {
    this.#apply(id, { type: 'attemptQueued' });
  }

  /** A worker takes the job's attempt. */
  take(id: string, worker = 'worker-1'): void {
    const job = this.#find(id);
    job.running = { startedAt: this.#now(), worker };
    if (job.record.phase !== 'attempting') this.queue(id);
    else this.#changes.emit(id);
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

  /** @param id of one that comes in a group */
  #start({ request, keys = {} }: JobToStart, id?: string): StartedJob {
    // What the real one refuses.
    newJob(request, askedNow());
    if (Object.keys(keys).length > 0) this.keys.push(keys);
    const { idempotencyKey, requestKey } = keys;
    const key = idempotencyKey ?? requestKey;
    const firstId = idempotencyKey ?? this.#requested.get(requestKey ?? '');
    const first = firstId === undefined ? undefined : this.#jobs.get(firstId);
    if (first && key !== undefined) {
      const isSame = first.record.kind === request.kind && isSameAsSent(first.record.args, request.args);
      if (!isSame) throw new KeyReusedError(key);
      return { job: this.#view(first), created: false };
    }
    const { kind, delayMs, options, ...rest } = request;
    const dueAt = delayMs === undefined ? rest.dueAt : new Date(this.#now() + delayMs).toISOString();
    const input = JSON.parse(JSON.stringify({ ...rest, ...options, dueAt })) as JobInput;
    const record = recordFromInput(id ?? key ?? newJobId(kind), kind, this.#now(), input);
    const job: FakeJob = { record, running: undefined, pendingActions: [], isEdited: false, hasLeft: false };
    this.#jobs.set(record.id, job);
    if (idempotencyKey === undefined && requestKey !== undefined) this.#requested.set(requestKey, record.id);
    return { job: this.#view(job), created: true };
  }

  #startAll(jobs: readonly JobToStart[]): PromiseSettledResult<StartedJob>[] {
    const outcomes: PromiseSettledResult<StartedJob>[] = [];
    const start = (place: number, id?: string): void => {
      try {
        outcomes[place] = { status: 'fulfilled', value: this.#start(jobs[place] as JobToStart, id) };
      } catch (reason) {
        outcomes[place] = { status: 'rejected', reason };
      }
    };
    const { together, alone } = this.#sort(jobs);
    for (const places of together) {
      const [first = 0, ...others] = places;
      if (others.length === 0) start(first);
      else this.#startGroup(jobs[first]?.request.queue ?? '', places, start);
    }
    for (const place of alone) start(place);
    return outcomes;
  }

  /** Places of those that share a group: of one queue and priority, and no repeats. */
  #sort(jobs: readonly JobToStart[]): { together: number[][]; alone: number[] } {
    const newest = new Map<string, number[]>();
    const [together, alone, keys]: [number[][], number[], Set<string>] = [[], [], new Set(this.#requested.keys())];
    const dueAt = jobs.map(({ request }) => dueTime(request, this.#now()));
    for (const place of [...jobs.keys()].sort((a, b) => (dueAt[a] ?? 0) - (dueAt[b] ?? 0))) {
      const { request, keys: { idempotencyKey, requestKey, firstSentAt } = {} } = jobs[place] as JobToStart;
      const isRepeat = firstSentAt !== undefined || (requestKey !== undefined && keys.has(requestKey));
      if (idempotencyKey !== undefined || request.options.travels === 'alone' || isRepeat || !isUsable(request)) {
        alone.push(place);
        continue;
      }
      if (requestKey !== undefined) keys.add(requestKey);
      const batch = `${request.priority ?? ''} ${request.queue}`;
      const group = newest.get(batch);
      if (group && group.length < LIMITS.groupItems) group.push(place);
      else {
        newest.set(batch, [place]);
        together.push(newest.get(batch) ?? []);
      }
    }
    return { together, alone };
  }

  #startGroup(queue: string, places: readonly number[], start: (place: number, id: string) => void): void {
    const id = `group-${randomUUID()}`;
    const jobIds = places.map((_, item) => itemId(id, item));
    this.#groups.set(id, { id, queue, createdAt: this.#now(), jobIds, endedAt: null, isCancelled: false });
    for (const [item, place] of places.entries()) start(place, jobIds[item] ?? '');
  }

  /** Until a worker is back. */
  #keep(job: FakeJob, asked: ActionRequest): void {
    const dueAt = asked.type === 'reschedule' && { dueAt: isoTime(parseTime(asked.dueAt) ?? 0) };
    job.pendingActions.push({ action: asked.type, askedAt: this.#iso(), ...dueAt, asked });
    this.#changes.emit(job.record.id);
  }

  /** Those that it still has to do. */
  #inGroup({ jobIds }: FakeGroup): FakeJob[] {
    return jobIds.map((id) => this.#find(id)).filter(({ record, hasLeft }) => record.phase !== 'ended' && !hasLeft);
  }

  #groupSnapshot(group: FakeGroup): GroupSnapshot {
    const jobs = group.jobIds.map((id) => this.#view(this.#find(id)));
    const counts: Partial<Record<JobState, number>> = {};
    for (const { state } of jobs) counts[state] = (counts[state] ?? 0) + 1;
    const inGroup = this.#inGroup(group).map((job) => this.#view(job));
    return {
      id: group.id,
      queue: group.queue,
      createdAt: new Date(group.createdAt).toISOString(),
      endedAt: group.endedAt === null ? null : isoTime(group.endedAt),
      counts,
      cannotGoOn: this.stuck.get(group.id) ?? null,
      jobs,
      actions: GROUP_ACTION_NAMES.filter((action) => inGroup.some(({ state }) => isActionLegal(state, action))),
      queueWorkers: this.queueWorkers,
      workers: this.workers,
    };
  }

  /** As visibility tells of it, which knows of no worker that has it. */
  #row(job: FakeJob): JobListItem {
    const { id, kind, queue, state, createdAt, dueAt, endedAt } = this.#view(job);
    const isDue = ['scheduled', 'retrying'].includes(state) && Date.parse(dueAt) <= this.#now();
    const listed = isDue || state === 'running' ? 'queued' : state;
    return { id, kind, queue, state: listed, createdAt, dueAt, endedAt, group: null, cannotGoOn: this.stuck.has(id) };
  }

  /** As visibility tells of it: nothing but its own state. */
  #groupRow(group: FakeGroup): JobListItem {
    const { id, queue, createdAt, endedAt, jobs } = this.#groupSnapshot(group);
    const open = this.#inGroup(group).map((job) => this.#view(job));
    const dueAt = (open.length > 0 ? open : jobs).map((job) => job.dueAt).sort()[0] ?? null;
    const isPaused = open.every((job) => job.state === 'paused');
    const waits = isPaused ? 'paused' : Date.parse(dueAt ?? createdAt) > this.#now() ? 'scheduled' : 'queued';
    const state = endedAt === null ? waits : group.isCancelled ? 'cancelled' : 'done';
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

  #make({ record: { id, phase }, running }: FakeJob, { type, ...message }: ActionRequest): void {
    const action = readAction(type, message);
    // What no worker has comes out of its queue.
    if (phase === 'attempting' && !running && type !== 'resume') this.#apply(id, { type: 'attemptReturned' });
    this.#apply(id, { type: 'actionTaken', action });
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
    const before = job.record;
    job.record = foldJob(before, { ...event, at: this.#now() });
    if (event.type === 'actionTaken' && event.action.type === 'edit') job.isEdited ||= job.record !== before;
    const group = this.#groups.get(itemAddress(id)?.groupId ?? '');
    if (group) {
      job.hasLeft ||= job.isEdited || isInTrouble(job.record);
      if (this.#inGroup(group).length === 0) group.endedAt ??= this.#now();
    }
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
    const address = job.hasLeft ? undefined : itemAddress(view.id);
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

function isUsable(request: JobRequest): boolean {
  try {
    newJob(request, askedNow());
    return true;
  } catch {
    return false;
  }
}

/** Such a job goes on as a workflow of its own. */
function isInTrouble({ phase, attempts, checkpoint }: JobRecord): boolean {
  if (phase === 'attempting' || phase === 'ended') return false;
  const { outcome } = attempts.at(-1) ?? {};
  return phase === 'dead' || checkpoint !== undefined || outcome === 'failed' || outcome === 'cancelled';
}

/** A running job can be paused or resumed, whichever it is not. */
function possibleActions(view: JobView, paused: boolean): ActionName[] {
  const actions = legalActions(view.state);
  return view.state === 'running' ? actions.filter((action) => action !== (paused ? 'pause' : 'resume')) : actions;
}
