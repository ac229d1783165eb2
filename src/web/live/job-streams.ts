/**
 * One watch per job, however many tabs show it. A tab that reads slowly misses snapshots in between, never the newest: each
 * follower has room for one. Many that are opened at once take turns at Temporal for their first look.
 */
import { aFewAtATime } from '../../temporal/start/a-few-at-a-time.ts';
import type { Jobs, JobSnapshot } from '../../temporal/jobs.ts';
import { Problem } from '../errors.ts';

export interface StreamLimits {
  /** Each open stream costs a socket and a little memory. */
  readonly streams: number;
  /** Streams of one client, so that none can take all places. */
  readonly streamsOfAClient: number;
  /** Each watched job costs a long poll at Temporal, which by default allows a namespace 1,200 of them, those of workers included. */
  readonly jobs: number;
}

export const STREAM_LIMITS: StreamLimits = { streams: 1_000, streamsOfAClient: 250, jobs: 500 };

export interface JobStreams {
  /**
   * The job now and after every change, until it has ended, `signal` aborts or the streams are stopped.
   * @param client whatever stands for one caller, such as a network @throws {Problem} when too many are open
   */
  follow(id: string, client: string, signal: AbortSignal): AsyncGenerator<JobSnapshot, void>;
  /** Streams that are open now, and those that wait for their first look. */
  readonly open: number;
  /** Ends all of them; later ones end at once. Safe to call twice. */
  stop(): void;
}

export function createJobStreams(jobs: Jobs, limits: StreamLimits = STREAM_LIMITS): JobStreams {
  const watches = new Map<string, SharedWatch>();
  const openByClient = new Map<string, number>();
  const stopped = new AbortController();
  const watch = pacedWatch(jobs);
  let open = 0;

  const join = (id: string): SharedWatch => {
    const running = watches.get(id);
    if (running) return running;
    const shared = new SharedWatch(
      (signal) => watch(id, signal),
      () => {
        if (watches.get(id) === shared) watches.delete(id);
      },
    );
    watches.set(id, shared);
    return shared;
  };

  const check = (id: string, client: string): void => {
    if (open >= limits.streams) throw tooMany(`This server keeps at most ${limits.streams} live pages open.`);
    if ((openByClient.get(client) ?? 0) >= limits.streamsOfAClient)
      throw tooMany(`A client has at most ${limits.streamsOfAClient} live pages open.`);
    if (watches.size >= limits.jobs && !watches.has(id))
      throw tooMany(`This server shows at most ${limits.jobs} jobs live.`);
  };

  const count = (client: string, change: 1 | -1): void => {
    open += change;
    const ofClient = (openByClient.get(client) ?? 0) + change;
    if (ofClient === 0) openByClient.delete(client);
    else openByClient.set(client, ofClient);
  };

  return {
    get open() {
      return open;
    },
    async *follow(id, client, signal) {
      check(id, client);
      count(client, 1);
      try {
        yield* join(id).follow(AbortSignal.any([signal, stopped.signal]));
      } finally {
        count(client, -1);
      }
    },
    stop: () => stopped.abort(),
  };
}

function tooMany(detail: string): Problem {
  return new Problem('too-many-streams', detail, { headers: { 'Retry-After': '10' } });
}

type Watch = (signal: AbortSignal) => AsyncIterable<JobSnapshot>;

/** Hundreds of first looks at once, several calls each, would take Temporal longer than a call may. */
function pacedWatch(jobs: Pick<Jobs, 'watch'>): (id: string, signal: AbortSignal) => AsyncIterable<JobSnapshot> {
  const firstLook = aFewAtATime(
    async (snapshots: AsyncIterator<JobSnapshot>, signal: AbortSignal): Promise<IteratorResult<JobSnapshot>> =>
      // Its last listener may have left meanwhile.
      signal.aborted ? { done: true, value: undefined } : snapshots.next(),
  );
  return async function* watchInTurn(id, signal) {
    const snapshots = jobs.watch(id, signal)[Symbol.asyncIterator]();
    for (let next = await firstLook(snapshots, signal); next.done !== true; next = await snapshots.next())
      yield next.value;
  };
}

interface Follower {
  newest: JobSnapshot | undefined;
  wake: () => void;
}

class SharedWatch {
  readonly #abort = new AbortController();
  readonly #followers = new Set<Follower>();
  readonly #ended: () => void;
  #newest: JobSnapshot | undefined;
  #end: { readonly error?: unknown } | undefined;

  constructor(watch: Watch, ended: () => void) {
    this.#ended = ended;
    void this.#run(watch);
  }

  async *follow(signal: AbortSignal): AsyncGenerator<JobSnapshot, void> {
    const follower: Follower = { newest: this.#newest, wake: () => undefined };
    const wake = (): void => follower.wake();
    this.#followers.add(follower);
    signal.addEventListener('abort', wake);
    try {
      while (!signal.aborted) {
        if (follower.newest) {
          const { newest } = follower;
          follower.newest = undefined;
          yield newest;
        } else if (this.#end) {
          if ('error' in this.#end) throw this.#end.error;
          return;
        } else {
          await new Promise<void>((resolve) => (follower.wake = resolve));
        }
      }
    } finally {
      signal.removeEventListener('abort', wake);
      this.#followers.delete(follower);
      if (this.#followers.size === 0) this.#stop();
    }
  }

  async #run(watch: Watch): Promise<void> {
    try {
      for await (const snapshot of watch(this.#abort.signal)) {
        this.#newest = snapshot;
        for (const follower of this.#followers) {
          follower.newest = snapshot;
          follower.wake();
        }
      }
      this.#end = {};
    } catch (error) {
      this.#end = { error };
    }
    // A page that opens from now on gets a watch of its own, which tells how the job is then.
    this.#ended();
    for (const follower of this.#followers) follower.wake();
  }

  #stop(): void {
    this.#ended();
    this.#abort.abort();
  }
}
