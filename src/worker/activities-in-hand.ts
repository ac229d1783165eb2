/**
 * What a worker has in hand, in a file that outlives it: were it killed, the next worker of this home tells Temporal at once, instead
 * of Temporal finding out by heartbeats that stop. A line for each thing that is taken, and one when it is let go.
 */
import { appendFileSync, mkdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ActivityInHand } from '../activities/dependencies.ts';
import { processIdentity, type ProcessIdentity } from '../process/process-identity.ts';

export type InHandLine =
  | {
      readonly worker: ProcessIdentity;
      /** Containers may share a home, and number their processes alike. */ readonly pidNamespace: string;
    }
  | { readonly runner: ProcessIdentity }
  | { readonly runnerGone: number }
  | { readonly taken: number; readonly activity: ActivityInHand }
  | { readonly done: number };

/** So many lines are rewritten as those that still say something. */
const REWRITE_AFTER = 20_000;

export function inHandFolder(home: string): string {
  return join(home, 'in-hand');
}

export class ActivitiesInHand {
  readonly #file: string;
  readonly #activities = new Map<number, ActivityInHand>();
  readonly #runners = new Map<number, ProcessIdentity>();
  #unwritten: InHandLine[] = [];
  #lines = 0;
  #last = 0;
  #isOver = false;

  constructor(home: string) {
    const folder = inHandFolder(home);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#file = join(folder, `worker-${process.pid}.jsonl`);
    this.#rewrite();
  }

  note(activity: ActivityInHand): Disposable {
    this.#last += 1;
    const taken = this.#last;
    this.#activities.set(taken, activity);
    this.#write({ taken, activity });
    return {
      [Symbol.dispose]: () => {
        this.#activities.delete(taken);
        this.#write({ done: taken });
      },
    };
  }

  noteRunner(pid: number): Disposable {
    const runner = processIdentity(pid);
    if (runner) this.#runners.set(pid, runner);
    if (runner) this.#write({ runner });
    return {
      [Symbol.dispose]: () => {
        this.#runners.delete(pid);
        this.#write({ runnerGone: pid });
      },
    };
  }

  /** Nothing is in hand any more, and all of it has been told. */
  close(): void {
    this.#isOver = true;
    rmSync(this.#file, { force: true });
  }

  /** Once a turn. What this process is killed before, heartbeats have to tell. */
  #write(line: InHandLine): void {
    if (this.#unwritten.length === 0) setImmediate(() => this.#flush());
    this.#unwritten.push(line);
  }

  #flush(): void {
    const unwritten = this.#unwritten;
    this.#unwritten = [];
    if (this.#isOver) return;
    this.#lines += unwritten.length;
    try {
      if (this.#lines > REWRITE_AFTER) this.#rewrite();
      else appendFileSync(this.#file, textOf(unwritten));
    } catch {
      // A full disk: jobs go on, and heartbeats have to tell.
    }
  }

  #rewrite(): void {
    const worker = processIdentity(process.pid);
    const all: InHandLine[] = [
      ...(worker ? [{ worker, pidNamespace: pidNamespace() }] : []),
      ...[...this.#runners.values()].map((runner) => ({ runner })),
      ...[...this.#activities].map(([taken, activity]) => ({ taken, activity })),
    ];
    this.#lines = all.length;
    writeFileSync(this.#file, textOf(all), { mode: 0o600 });
  }
}

/** By which pids mean something; the same for all on a machine without containers. */
export function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

function textOf(lines: readonly InHandLine[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}
