/**
 * What a worker has in hand, in a file that outlives it: were it killed, the next worker of this home tells Temporal at once, instead
 * of Temporal finding out by heartbeats that stop. A line for each thing that is taken, and one when it is let go.
 */
import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ActivityInHand } from '../activities/dependencies.ts';
import { giveLifeSign, type LifeSign } from '../process/life-sign.ts';
import { processIdentity, type ProcessIdentity } from '../process/process-identity.ts';

export type InHandLine =
  | {
      readonly worker: ProcessIdentity;
      /** Containers may share a home, and number their processes alike. */ readonly pidNamespace: string;
    }
  | { /** By which another container sees whether the worker lives. */ readonly lifeSign: LifeSign }
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
  #lifeSign: (LifeSign & Disposable) | undefined;
  readonly #activities = new Map<number, ActivityInHand>();
  readonly #runners = new Map<number, ProcessIdentity>();
  #unwritten: InHandLine[] = [];
  #lines = 0;
  #last = 0;
  #isOver = false;

  constructor(home: string) {
    const folder = inHandFolder(home);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Every worker of a container has the same pid, and must not write over what the one before had in hand.
    const name = `worker-${process.pid}-${randomUUID()}`;
    this.#file = join(folder, `${name}.jsonl`);
    this.#rewrite();
    void this.#giveLifeSign(folder, `${name}.sock`);
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
    this.#lifeSign?.[Symbol.dispose]();
    rmSync(this.#file, { force: true });
  }

  async #giveLifeSign(folder: string, socket: string): Promise<void> {
    const lifeSign = await giveLifeSign(folder, socket);
    if (!lifeSign) return;
    if (this.#isOver) return lifeSign[Symbol.dispose]();
    this.#lifeSign = lifeSign;
    this.#write({ lifeSign });
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
      ...(this.#lifeSign ? [{ lifeSign: this.#lifeSign }] : []),
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
