/** Jobs in memory, for tests of the web: the real fold and the real view, and a worker that does what the test says. */
import { randomUUID } from 'node:crypto';
import { EventEmitter, on } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import { foldJob } from '../../src/contract/fold-job.ts';
import type { AttemptEnd, JobEvent } from '../../src/contract/job-events.ts';
import type { AttemptReport, JobInput, JobView, Progress } from '../../src/contract/job.ts';
import { parseTime, recordFromInput, type JobRecord } from '../../src/contract/job-record.ts';
import { legalMoves, type MoveName } from '../../src/contract/job-states.ts';
import { viewJob } from '../../src/contract/job-view.ts';
import {
  IllegalMoveError,
  InvalidMoveError,
  JobNotFoundError,
  KeyReusedError,
  TemporalUnreachableError,
} from '../../src/temporal/errors.ts';
import type { AskedMove, Jobs, JobSnapshot, PendingMove, WorkerPresence } from '../../src/temporal/jobs.ts';

interface FakeJob {
  record: JobRecord;
  running: AttemptReport | undefined;
  pendingMoves: (PendingMove & { readonly asked: AskedMove })[];
}

export class FakeJobs implements Jobs {
  workers: WorkerPresence = 'present';
  queueWorkers: WorkerPresence = 'present';
  /** Thrown by every call while it is set. */
  failure: Error | undefined;
  /** Watches that are open now, and those that ever were. */
  watching = 0;
  watched = 0;
  readonly #jobs = new Map<string, FakeJob>();
  readonly #changes = new EventEmitter().setMaxListeners(0);
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  get started(): string[] {
    return [...this.#jobs.keys()];
  }

  start: Jobs['start'] = async (request, key) => {
    this.#check();
    const id = key ?? `${request.kind.replace('Workflow', '').toLowerCase()}-${randomUUID()}`;
    const first = this.#jobs.get(id);
    if (first) {
      const isSame = first.record.kind === request.kind && isDeepStrictEqual(first.record.args, request.args);
      if (!isSame) throw new KeyReusedError(id);
      return { job: this.#view(first), created: false };
    }
    const { kind, delayMs, ...rest } = request;
    const dueAt = delayMs === undefined ? rest.dueAt : new Date(this.#now() + delayMs).toISOString();
    const input = JSON.parse(JSON.stringify({ ...rest, dueAt })) as JobInput;
    const job: FakeJob = {
      record: recordFromInput(id, kind, this.#now(), input),
      running: undefined,
      pendingMoves: [],
    };
    this.#jobs.set(id, job);
    return { job: this.#view(job), created: true };
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

  move: Jobs['move'] = async (id, move) => {
    this.#check();
    const job = this.#find(id);
    const snapshot = this.#snapshot(job);
    if (!snapshot.moves.includes(move.type)) throw new IllegalMoveError(id, move.type, snapshot.job.state);
    if (move.type === 'reschedule' && parseTime(move.dueAt) === undefined)
      throw new InvalidMoveError(`${JSON.stringify(move.dueAt)} is not a time`);
    if (this.workers === 'none') {
      const dueAt = move.type === 'reschedule' ? { dueAt: move.dueAt } : {};
      job.pendingMoves.push({ move: move.type, askedAt: this.#iso(), ...dueAt, asked: move });
      this.#changes.emit(id);
      return { job: this.#view(job), applied: 'whenAWorkerIsBack' };
    }
    this.#make(job, move);
    return { job: this.#view(job), applied: 'now' };
  };

  latest: Jobs['latest'] = async (limit) => {
    this.#check();
    const views = [...this.#jobs.values()].map((job) => this.#view(job));
    return views
      .map(({ id, kind, queue, state, createdAt, dueAt, endedAt }) => ({
        id,
        kind,
        queue,
        state,
        createdAt,
        dueAt,
        endedAt,
      }))
      .toReversed()
      .slice(0, limit);
  };

  health: Jobs['health'] = async () => {
    this.#check();
    return { workers: this.workers };
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

  finish(id: string, result: unknown): void {
    const { running } = this.#find(id);
    const report = { startedAt: this.#now(), worker: 'worker-1', ...running, endedAt: this.#now() };
    this.#end(id, { as: 'done', report: { ...report, result } as never });
  }

  fail(id: string, message: string, retryable = true): void {
    this.#end(id, { as: 'failed', error: { type: 'Error', message }, retryable, ...this.#report(id) });
  }

  crash(id: string): void {
    const error = { type: 'WorkerLost', message: 'the worker process ended by SIGKILL' };
    this.#end(id, { as: 'crashed', error, ...this.#report(id) });
  }

  /** Workers come back, and with them what was asked meanwhile. */
  workersAreBack(): void {
    this.workers = 'present';
    for (const job of this.#jobs.values()) {
      for (const { asked } of job.pendingMoves.splice(0)) this.#make(job, asked);
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

  #make({ record: { id } }: FakeJob, move: AskedMove): void {
    if (move.type === 'cancel') return this.#apply(id, { type: 'cancelRequested' });
    const made = move.type === 'reschedule' ? { type: move.type, dueAt: Date.parse(move.dueAt) } : move;
    this.#apply(id, { type: 'moved', move: made });
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
    return {
      job: view,
      args: job.record.args,
      runId: '0193a1c2-run',
      moves: possibleMoves(view, job.record.paused),
      queueWorkers: this.queueWorkers,
      workers: this.workers,
      pendingMoves: job.pendingMoves.map(({ move, askedAt, dueAt }) => ({
        move,
        askedAt,
        ...(dueAt !== undefined && { dueAt }),
      })),
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
function possibleMoves(view: JobView, paused: boolean): MoveName[] {
  const moves = legalMoves(view.state);
  return view.state === 'running' ? moves.filter((move) => move !== (paused ? 'pause' : 'resume')) : moves;
}
