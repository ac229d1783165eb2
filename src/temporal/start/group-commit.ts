/**
 * Group commit: jobs that are enqueued while an earlier start is on its way go together in one workflow. There is no timer: the
 * first one goes at once, so a lone caller never waits. Each is acknowledged only when its start is durable.
 */
import { BUDGETS } from '../../contract/budgets.ts';
import { LIMITS } from '../../contract/limits.ts';
import type { StartedJob } from '../jobs.ts';
import type { GroupedJob } from './start-group.ts';

/**
 * One start at a time makes the largest groups. One that takes longer than this is in trouble, and holds nobody up any more.
 * @format milliseconds
 */
const HOLDS_OTHERS_UP_FOR_MS = 100;

export interface Starts {
  one(job: GroupedJob): Promise<StartedJob>;
  many(jobs: readonly [GroupedJob, ...GroupedJob[]]): Promise<readonly StartedJob[]>;
}

interface Waiting {
  readonly job: GroupedJob;
  readonly resolve: (started: StartedJob) => void;
  readonly reject: (error: unknown) => void;
}

export class GroupCommit {
  readonly #starts: Starts;
  readonly #queues = new Map<string, BatchQueue>();

  constructor(starts: Starts) {
    this.#starts = starts;
  }

  /** Rejects as the start does that the job went with. */
  async enqueue(job: GroupedJob): Promise<StartedJob> {
    const name = `${job.priority ?? ''} ${job.queue}`;
    const batch = this.#queues.get(name) ?? new BatchQueue(this.#starts, () => this.#queues.delete(name));
    this.#queues.set(name, batch);
    return new Promise((resolve, reject) => batch.add({ job, resolve, reject }));
  }
}

/** Jobs of one queue and priority: those that may share a workflow. */
class BatchQueue {
  readonly #starts: Starts;
  readonly #onEmpty: () => void;
  #waiting: Waiting[] = [];
  /** Starts without an answer, and those among them that others wait for. */
  #inFlight = 0;
  #holding = 0;
  #willSend = false;

  constructor(starts: Starts, onEmpty: () => void) {
    this.#starts = starts;
    this.#onEmpty = onEmpty;
  }

  add(waiting: Waiting): void {
    this.#waiting.push(waiting);
    this.#sendSoon();
  }

  /** After what else came in with this turn of the event loop. */
  #sendSoon(): void {
    if (this.#willSend || this.#holding > 0) return;
    this.#willSend = true;
    setImmediate(() => {
      this.#willSend = false;
      if (this.#waiting.length > 0) void this.#send(this.#nextGroup());
    });
  }

  async #send(group: readonly Waiting[]): Promise<void> {
    this.#inFlight += 1;
    const letOthersGo = this.#hold();
    try {
      const started = await this.#start(group.map(({ job }) => job));
      for (const [place, { resolve, reject }] of group.entries()) {
        const job = started[place];
        if (job) resolve(job);
        else reject(new Error('a start gave fewer jobs than it was given'));
      }
    } catch (error) {
      for (const { reject } of group) reject(error);
    } finally {
      this.#inFlight -= 1;
      letOthersGo();
      if (this.#inFlight === 0 && this.#waiting.length === 0) this.#onEmpty();
    }
  }

  /** @returns what ends this before its time */
  #hold(): () => void {
    let holds = true;
    this.#holding += 1;
    const letOthersGo = (): void => {
      if (!holds) return;
      holds = false;
      clearTimeout(timer);
      this.#holding -= 1;
      if (this.#waiting.length > 0) this.#sendSoon();
    };
    const timer = setTimeout(letOthersGo, HOLDS_OTHERS_UP_FOR_MS);
    return letOthersGo;
  }

  async #start([first, ...others]: readonly GroupedJob[]): Promise<readonly StartedJob[]> {
    if (!first) return [];
    return others.length === 0 ? [await this.#starts.one(first)] : this.#starts.many([first, ...others]);
  }

  /** As many as fit into one workflow, by number and by weight. */
  #nextGroup(): Waiting[] {
    let bytes = 0;
    let size = 0;
    for (const { job } of this.#waiting) {
      bytes += job.bytes;
      if (size > 0 && (size === LIMITS.groupItems || bytes > BUDGETS.groupArguments)) break;
      size += 1;
    }
    return this.#waiting.splice(0, size);
  }
}
