/**
 * Slows down clients that guess passwords: after a few wrong ones each further try has to wait, twice as long every time. It remembers
 * clients, and accounts over all clients, for those who guess from many addresses. A client that has logged in lately is not held up
 * by what others do to its account.
 */

interface Pace {
  /** Wrong tries before the first wait: people mistype, and programs start several requests with an old password. */
  readonly free: number;
  /** @format milliseconds */
  readonly firstWaitMs: number;
  /** For so long at most is a right password refused. @format milliseconds */
  readonly longestWaitMs: number;
}

const OF_A_CLIENT: Pace = { free: 5, firstWaitMs: 1_000, longestWaitMs: 60_000 };
const OF_AN_ACCOUNT: Pace = { free: 100, firstWaitMs: 1_000, longestWaitMs: 10_000 };

/** Without a wrong try. @format milliseconds */
const FORGOTTEN_AFTER_MS = 15 * 60_000;
/** Since a right password. @format milliseconds */
const KNOWN_FOR_MS = 24 * 60 * 60_000;
/** Of clients, and of accounts. Those that were heard of longest ago go first. */
const MOST_RECORDS = 10_000;
/** Of a name that is remembered: callers choose that of an account. */
const NAME_LENGTH = 100;

export interface LoginGuard {
  /**
   * One try, if it may be made now. `isRight` must answer at once: if others could come in between, all guesses sent at the same moment
   * would be free.
   *
   * @param client whatever stands for one caller, such as a network
   * @returns whether the password is right, or how long to wait @format milliseconds
   */
  attempt(client: string, account: string, isRight: () => boolean): boolean | { readonly waitMs: number };
}

/** @param now a clock that never goes back @format milliseconds */
export function createLoginGuard(now: () => number = () => performance.now()): LoginGuard {
  const clients = new FailureRecords(OF_A_CLIENT);
  const accounts = new FailureRecords(OF_AN_ACCOUNT);
  const lastLogins = new RecentlyUsed<number>(MOST_RECORDS);

  return {
    attempt(client, name, isRight) {
      const at = now();
      const account = name.slice(0, NAME_LENGTH);
      const isKnown = (lastLogins.get(client) ?? -Infinity) > at - KNOWN_FOR_MS;
      const waitMs = Math.max(clients.waitMs(client, at), isKnown ? 0 : accounts.waitMs(account, at));
      if (waitMs > 0) return { waitMs };
      if (isRight()) {
        clients.forget(client);
        lastLogins.set(client, at);
        return true;
      }
      clients.add(client, at);
      accounts.add(account, at);
      return false;
    },
  };
}

interface Failures {
  readonly count: number;
  readonly lastAt: number;
  readonly nextTryAt: number;
}

class FailureRecords {
  readonly #pace: Pace;
  readonly #records = new RecentlyUsed<Failures>(MOST_RECORDS);

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  waitMs(name: string, at: number): number {
    return Math.max(0, (this.#records.get(name)?.nextTryAt ?? at) - at);
  }

  add(name: string, at: number): void {
    const { free, firstWaitMs, longestWaitMs } = this.#pace;
    const before = this.#records.get(name);
    const count = before && at - before.lastAt < FORGOTTEN_AFTER_MS ? before.count + 1 : 1;
    const wait = count < free ? 0 : Math.min(firstWaitMs * 2 ** (count - free), longestWaitMs);
    this.#records.set(name, { count, lastAt: at, nextTryAt: at + wait });
  }

  forget(name: string): void {
    this.#records.delete(name);
  }
}

/** So many values at most. */
class RecentlyUsed<Value> {
  readonly #most: number;
  /** In the order of their last change. */
  readonly #values = new Map<string, Value>();

  constructor(most: number) {
    this.#most = most;
  }

  get(name: string): Value | undefined {
    return this.#values.get(name);
  }

  set(name: string, value: Value): void {
    this.#values.delete(name);
    this.#values.set(name, value);
    if (this.#values.size <= this.#most) return;
    for (const oldest of this.#values.keys()) return this.delete(oldest);
  }

  delete(name: string): void {
    this.#values.delete(name);
  }
}
