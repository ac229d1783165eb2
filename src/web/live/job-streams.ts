/**
 * One watch per job, however many tabs show it. A tab that reads slowly misses snapshots in between, never the newest: each
 * follower has room for one.
 */
import type { Jobs, JobSnapshot } from '../../temporal/jobs.ts';
import { Problem } from '../errors.ts';

/** Each open stream costs a socket and a little memory here; each watched job a long poll at Temporal. */
const MOST_STREAMS = 500;

export interface JobStreams {
  /** The job now and after every change, until it has ended, `signal` aborts or the streams are stopped. @throws {Problem} when too many are open */
  follow(id: string, signal: AbortSignal): AsyncGenerator<JobSnapshot, void>;
  /** Streams that are open now. */
  readonly open: number;
  /** Ends all of them; later ones end at once. Safe to call twice. */
  stop(): void;
}

export function createJobStreams(jobs: Jobs, most: number = MOST_STREAMS): JobStreams {
  const watches = new Map<string, SharedWatch>();
  const stopped = new AbortController();
  let open = 0;

  const join = (id: string): SharedWatch => {
    const running = watches.get(id);
    if (running) return running;
    const watch = new SharedWatch(jobs, id, () => {
      if (watches.get(id) === watch) watches.delete(id);
    });
    watches.set(id, watch);
    return watch;
  };

  return {
    get open() {
      return open;
    },
    async *follow(id, signal) {
      if (open >= most)
        throw new Problem('too-many-streams', `This server keeps at most ${most} live pages open.`, {
          headers: { 'Retry-After': '10' },
        });
      open += 1;
      try {
        yield* join(id).follow(AbortSignal.any([signal, stopped.signal]));
      } finally {
        open -= 1;
      }
    },
    stop: () => stopped.abort(),
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

  constructor(jobs: Jobs, id: string, ended: () => void) {
    this.#ended = ended;
    void this.#run(jobs, id);
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

  async #run(jobs: Jobs, id: string): Promise<void> {
    try {
      for await (const snapshot of jobs.watch(id, this.#abort.signal)) {
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
    // Whoever comes from now on gets a watch of its own, which tells how the job is then.
    this.#ended();
    for (const follower of this.#followers) follower.wake();
  }

  #stop(): void {
    this.#ended();
    this.#abort.abort();
  }
}
