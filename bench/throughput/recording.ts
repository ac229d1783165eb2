/** One round on one road: starts jobs, and knows of each when it was called for, acknowledged and run. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Road } from './subjects/subject.ts';
import { percentile } from './statistics.ts';
import { ROLES, type Role, type World } from './harness.ts';

/** What a round comes to. Times in milliseconds; `undefined` where the load has nothing to do with it. */
export interface Measures {
  readonly jobs: number;
  /** From the first call to the end of the last job's work. */
  readonly jobsPerSecond: number | undefined;
  readonly ackP50: number | undefined;
  readonly ackP99: number | undefined;
  /** From the call to the work. */
  readonly toRunP50: number | undefined;
  readonly toRunP99: number | undefined;
  /** From the due time to the work; below zero, a job ran before its time. */
  readonly lateMin: number | undefined;
  readonly lateP50: number | undefined;
  readonly lateP99: number | undefined;
  readonly lateMax: number | undefined;
  /** Resident memory of the largest worker process, at its largest. */
  readonly workerMb: number | undefined;
  /** Runs of jobs that had run before. */
  readonly repeats: number;
  /** In hundredths of one CPU. */
  readonly cpu: Readonly<Partial<Record<Role, number>>>;
}

interface Started {
  /** @format milliseconds since 1970 */
  readonly calledAt: number;
  readonly dueAt: number | undefined;
  ackMs: number | undefined;
}

/** When nothing runs for so long, nothing more will. */
const GIVE_UP_AFTER_MS = 60_000;
const LOOK_EVERY_MS = 5;
const WEIGH_EVERY_MS = 500;

export class Recording {
  /** How many jobs the load is to start. */
  readonly jobs: number;
  readonly #world: World;
  readonly #road: Road;
  readonly #firstNumber: number;
  readonly #started: Started[] = [];
  /** Calls and runs are told by one clock, but the finer one for calls. */
  readonly #clockStart = Date.now() - performance.now();
  readonly #repeatsBefore: number;
  readonly #cpuMs: Partial<Record<Role, number>> = {};
  #watchedMs = 0;
  #workerMb: number | undefined;
  #weighedAt = 0;
  #seen = 0;

  constructor(world: World, road: Road, jobs: number) {
    this.jobs = jobs;
    this.#world = world;
    this.#road = road;
    this.#firstNumber = world.takeNumbers(jobs);
    this.#repeatsBefore = world.log.repeats;
  }

  get left(): number {
    return this.jobs - this.#started.length;
  }

  /** Resolves at the acknowledgement. @param dueAt in milliseconds since 1970 */
  async start(dueAt?: number): Promise<void> {
    await this.#call([dueAt], async ([job]) => {
      if (job) await this.#road.start(job);
    });
  }

  /** All that are left, in one call. Resolves when each is acknowledged. */
  async startAll(dueAt: () => number | undefined): Promise<void> {
    await this.#call(Array.from({ length: this.left }, dueAt), async (jobs) => this.#road.startAll(jobs));
  }

  async #call(
    dueTimes: readonly (number | undefined)[],
    start: (jobs: { number: number; dueAt: number | undefined }[]) => Promise<void>,
  ): Promise<void> {
    const from = this.#firstNumber + this.#started.length;
    const jobs = dueTimes.map((dueAt, place) => ({ number: from + place, dueAt }));
    const calledAt = this.#clockStart + performance.now();
    const started = dueTimes.map((dueAt): Started => ({ calledAt, dueAt, ackMs: undefined }));
    // Not as arguments of one `push`: there may be more than the stack holds.
    for (const job of started) this.#started.push(job);
    await start(jobs);
    const ackMs = this.#clockStart + performance.now() - calledAt;
    for (const job of started) job.ackMs = ackMs;
  }

  /** Resolves when all that were started have run. */
  async allRan(): Promise<void> {
    const { log } = this.#world;
    const lastDueAt = this.#started.reduce((last, { dueAt = 0 }) => Math.max(last, dueAt), 0);
    let [ran, changedAt] = [-1, Date.now()];
    for (;;) {
      this.weigh();
      log.read();
      while (this.#seen < this.#started.length && log.ran.has(this.#firstNumber + this.#seen)) this.#seen += 1;
      if (this.#seen === this.#started.length) return;
      if (log.ran.size !== ran) [ran, changedAt] = [log.ran.size, Date.now()];
      if (Date.now() - Math.max(changedAt, lastDueAt) > GIVE_UP_AFTER_MS)
        throw new Error(`job ${this.#seen + 1} of ${this.#started.length} has not run, and none did for a minute`);
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** Notes the share of the CPU that everybody has meanwhile; several times add up. */
  async watchCpu(body: () => Promise<void>): Promise<void> {
    const [before, startedAt] = [this.#world.cpu(), performance.now()];
    await body();
    this.#watchedMs += performance.now() - startedAt;
    const after = this.#world.cpu();
    for (const role of ROLES) {
      const [from, to] = [before[role], after[role]];
      if (from !== undefined && to !== undefined) this.#cpuMs[role] = (this.#cpuMs[role] ?? 0) + to - from;
    }
  }

  /** Notes how much memory the workers have, if that was not done just now. */
  weigh(): void {
    if (performance.now() - this.#weighedAt < WEIGH_EVERY_MS) return;
    this.#weighedAt = performance.now();
    const megabytes = this.#world.workerMb();
    if (megabytes !== undefined) this.#workerMb = Math.max(this.#workerMb ?? 0, megabytes);
  }

  /** Only once all have run. */
  get measures(): Measures {
    const { log } = this.#world;
    const all = this.#started.map((job, place) => ({ ...job, ran: log.ran.get(this.#firstNumber + place) }));
    const acks = all.flatMap(({ ackMs }) => ackMs ?? []);
    const atOnce = all.filter(({ dueAt }) => dueAt === undefined);
    const toRun = atOnce.flatMap(({ calledAt, ran }) => (ran ? ran.at - calledAt : []));
    const late = all.flatMap(({ dueAt, ran }) => (dueAt !== undefined && ran ? ran.lateMs : []));
    const lastRanAt = atOnce.reduce((last, { ran }) => Math.max(last, ran?.at ?? 0), 0);
    return {
      jobs: all.length,
      jobsPerSecond: atOnce.length > 0 ? (atOnce.length / (lastRanAt - (atOnce[0]?.calledAt ?? 0))) * 1_000 : undefined,
      ackP50: percentile(acks, 0.5),
      ackP99: percentile(acks, 0.99),
      toRunP50: percentile(toRun, 0.5),
      toRunP99: percentile(toRun, 0.99),
      lateMin: percentile(late, 0),
      lateP50: percentile(late, 0.5),
      lateP99: percentile(late, 0.99),
      lateMax: percentile(late, 1),
      workerMb: this.#workerMb,
      repeats: log.repeats - this.#repeatsBefore,
      cpu: Object.fromEntries(
        Object.entries(this.#cpuMs).map(([role, ms]) => [role, (ms / this.#watchedMs) * 100] as const),
      ),
    };
  }
}
