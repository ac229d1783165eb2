/** A runner as its worker sees it: a process, the pipes to it, and the attempts that are there. */
import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import {
  FROM_WORKER_FD,
  machineTime,
  TO_WORKER_FD,
  type AbortReason,
  type FromRunner,
  type EnqueueAnswer,
  type ToRunner,
} from '../../runner/messages.ts';
import { lines } from '../../runner/lines.ts';
import type { AttemptInRunner } from './attempt-in-runner.ts';
import { readMessages } from './read-messages.ts';

export interface RunnerProgram {
  /** Module that a runner runs; in development TypeScript as it is. */
  readonly entry: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Path of util-linux's `setpriv`, by which a runner ends with its worker even while it computes. @default it ends when it looks up */
  readonly setpriv?: string | undefined;
}

/** Why this worker ended a runner of its own; no evidence against anybody, unless it says so. */
export type KillReason = 'frozen' | 'hung' | 'garbled' | 'notReady' | 'drained' | 'crowded' | 'notNeeded' | 'stopped';

export interface Departure {
  /** Such as `was killed by SIGKILL`. */
  readonly how: string;
  readonly reason: KillReason | undefined;
  /** Of a process that ended by itself. */
  readonly exitCode: number | null;
}

/**
 * Left to itself, Node lets each process keep far more garbage than it has data: 16 MB of young objects, and up to four times what is
 * alive of old ones.
 */
const LITTLE_GARBAGE = ['--max-semi-space-size=4', '--heap-growing-percent=50'];
/** What a process said last is read after its end, unless one that it started itself holds the pipe open. @format milliseconds */
const LAST_WORDS_WITHIN_MS = 500;

/** What goes in the next line. */
interface Unsent {
  readonly begin: AttemptInRunner[];
  readonly abort: [id: number, why: AbortReason][];
  readonly enqueued: [id: number, call: number, answer: EnqueueAnswer][];
}

export class RunnerProcess {
  readonly #child: ChildProcess;
  readonly #toRunner: Writable | undefined;
  readonly bornAt = machineTime();
  /** It is for one attempt alone. */
  readonly isIsolated: boolean;
  readonly attempts = new Map<number, AttemptInRunner>();
  isReady = false;
  /** It has heard that it is to leave, and cleans up. */
  isLeaving = false;
  /** Nothing more is handed to it: it leaves when what is healthy in it has ended. */
  isDraining = false;
  /** Its loop does not turn, so it can begin nothing. */
  isSilent = false;
  /** The attempt that it was started for. */
  expects: AttemptInRunner | undefined;
  /** How many handlers have ever run there. */
  begun = 0;
  /** The attempt that seems to have asked the process to exit. */
  exitAskedBy: number | undefined;
  lastHeardAt = machineTime();
  /** Looks in a row that found it stopped. */
  stoppedLooks = 0;
  #killedFor: KillReason | undefined;
  #unsent: Unsent | undefined;

  constructor(
    program: RunnerProgram,
    {
      isIsolated,
      heapMb,
      onMessage,
      onGone,
    }: {
      readonly isIsolated: boolean;
      readonly heapMb?: number | undefined;
      readonly onMessage: (runner: RunnerProcess, message: FromRunner) => void;
      readonly onGone: (runner: RunnerProcess, departure: Departure) => void;
    },
  ) {
    this.isIsolated = isIsolated;
    const flags = [...LITTLE_GARBAGE, ...(heapMb === undefined ? [] : [`--max-old-space-size=${heapMb}`])];
    const command = [process.execPath, ...flags, program.entry, ...program.args];
    const [file = '', ...args] =
      program.setpriv === undefined ? command : [program.setpriv, '--pdeathsig', 'KILL', ...command];
    this.#child = spawn(file, args, { env: program.env, stdio: ['ignore', 'inherit', 'inherit', 'pipe', 'pipe'] });
    // Without a free file descriptor there are no pipes: an error follows, which says so.
    const { stdio } = this.#child as { readonly stdio: ChildProcess['stdio'] | undefined };
    this.#toRunner = stdio?.[FROM_WORKER_FD] as Writable | undefined;
    const fromRunner = stdio?.[TO_WORKER_FD] as Readable | undefined;
    // It is gone, and its end says so.
    this.#toRunner?.on('error', () => {});
    fromRunner?.on('error', () => {});
    fromRunner?.on(
      'data',
      lines((line) => {
        this.lastHeardAt = machineTime();
        const messages = readMessages(line);
        if (messages) for (const message of messages) onMessage(this, message);
        else this.kill('garbled');
      }),
    );
    const heardAll = new Promise((resolve) => fromRunner?.once('close', resolve));
    let isGone = false;
    const gone = (how: string, exitCode: number | null = null): void => {
      if (isGone) return;
      isGone = true;
      onGone(this, { how: howOf(this.#killedFor) ?? how, reason: this.#killedFor, exitCode });
    };
    this.#child.once('error', (error) => gone(`could not be started: ${error.message}`));
    this.#child.once('exit', (code, signal) => {
      const how = signal === null ? `exited with code ${code}` : `was killed by ${signal}`;
      void Promise.race([heardAll, new Promise((resolve) => setTimeout(resolve, LAST_WORDS_WITHIN_MS))]).then(() =>
        gone(how, code),
      );
    });
  }

  /** Whether it can begin something now. */
  get hasRoom(): boolean {
    return this.isReady && !this.isSilent && !this.isDraining && !this.isIsolated;
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** For how long its loop has not turned, as far as one can hear: it says nothing while it has nothing to do. @format milliseconds */
  silentFor(now: number): number {
    let asked = Infinity;
    for (const { since } of this.attempts.values()) asked = Math.min(asked, since);
    return asked === Infinity ? 0 : now - Math.max(this.lastHeardAt, asked);
  }

  handOver(attempt: AttemptInRunner, id: number): void {
    attempt.id = id;
    attempt.runner = this;
    attempt.since = machineTime();
    this.attempts.set(id, attempt);
    this.#send().begin.push(attempt);
  }

  /** Another runner has it, or it has ended. */
  forget(attempt: AttemptInRunner): void {
    this.attempts.delete(attempt.id);
    if (attempt.runner === this) attempt.runner = undefined;
  }

  abort(id: number, why: AbortReason): void {
    this.#send().abort.push([id, why]);
  }

  answer(id: number, call: number, answer: EnqueueAnswer): void {
    this.#send().enqueued.push([id, call, answer]);
  }

  kill(reason: KillReason): void {
    this.#killedFor ??= reason;
    this.#child.kill('SIGKILL');
  }

  /** It cleans up and leaves, as soon as it looks up. */
  askToLeave(): void {
    const message: ToRunner = { leave: true, sentAt: machineTime() };
    if (this.#toRunner?.writable) this.#toRunner.write(`${JSON.stringify(message)}\n`);
  }

  /** All of this turn goes in one line. */
  #send(): Unsent {
    if (this.#unsent) return this.#unsent;
    const unsent: Unsent = { begin: [], abort: [], enqueued: [] };
    this.#unsent = unsent;
    setImmediate(() => {
      this.#unsent = undefined;
      this.#write(unsent);
    });
    return unsent;
  }

  #write({ begin, abort, enqueued }: Unsent): void {
    const sentAt = machineTime();
    const sent = begin.filter(({ id }) => this.attempts.has(id));
    // Both count from the same moment: the runner until it refuses, this process until it gives the attempt to another.
    for (const attempt of sent) attempt.since = sentAt;
    const tasks = sent.map(({ id, input }) => ({ id, input }));
    const message: ToRunner = {
      ...(tasks.length > 0 && { begin: tasks }),
      ...(abort.length > 0 && { abort }),
      ...(enqueued.length > 0 && { enqueued }),
      sentAt,
    };
    if (this.#toRunner?.writable) this.#toRunner.write(`${JSON.stringify(message)}\n`);
  }
}

/** Why an attempt was lost, for people; the signal alone would not say. */
function howOf(reason: KillReason | undefined): string | undefined {
  switch (reason) {
    case 'frozen':
      return 'was stopped by a signal, and killed';
    case 'hung':
      return 'computed without a pause for longer than it may, and was killed';
    case 'garbled':
      return 'said what no runner says, and was killed';
    default:
      return undefined;
  }
}
