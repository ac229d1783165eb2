/**
 * The log that the workers of a run write: from it comes when each job ran. It is a file, and read only once the calls are over, so
 * that neither a full pipe nor the reading slows down what is measured; the times are those that the workers wrote.
 */
import { closeSync, openSync, readSync } from 'node:fs';

export interface Ran {
  /** @format milliseconds since 1970 */
  readonly at: number;
  /** How long after its due time. */
  readonly lateMs: number;
}

/** The line of a job that was done. Jobs of a bench have numbers for names. */
const DONE = /"time":(\d+),.*"event":"job\.succeeded","name":"(\d+)","latenessMs":(-?\d+)/;

/** Pino's `warn`. */
const WARN = 40;

const COMPLAINTS_SHOWN = 20;

export class WorkLog implements Disposable {
  /** By the job's number. */
  readonly ran = new Map<number, Ran>();
  /** Runs of jobs that had run before. */
  repeats = 0;
  readonly #say: (line: string) => void;
  readonly #file: number;
  readonly #buffer = Buffer.alloc(1_048_576);
  #position = 0;
  #rest = '';
  #ready = 0;
  #complaints = 0;

  /** @param say told what workers complain of */
  constructor(path: string, say: (line: string) => void) {
    this.#file = openSync(path, 'r');
    this.#say = say;
  }

  /** Takes in what was written since the last time. */
  read(): void {
    for (;;) {
      const bytes = readSync(this.#file, this.#buffer, 0, this.#buffer.length, this.#position);
      if (bytes === 0) return;
      this.#position += bytes;
      const lines = (this.#rest + this.#buffer.toString('latin1', 0, bytes)).split('\n');
      this.#rest = lines.pop() ?? '';
      for (const line of lines) this.#take(line);
    }
  }

  /** How many worker processes have said by now that they are ready. */
  countReady(): number {
    this.read();
    return this.#ready;
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }

  #take(line: string): void {
    const [, time, name, latenessMs] = DONE.exec(line) ?? [];
    if (name === undefined) return this.#takeOther(line);
    if (this.ran.has(Number(name))) this.repeats += 1;
    else this.ran.set(Number(name), { at: Number(time), lateMs: Number(latenessMs) });
  }

  #takeOther(line: string): void {
    const { event, level = WARN } = parse(line);
    if (event === 'worker.ready') this.#ready += 1;
    if (level < WARN || line.trim() === '') return;
    this.#complaints += 1;
    if (this.#complaints <= COMPLAINTS_SHOWN) this.#say(`a worker says: ${line}`);
  }
}

/** What is no JSON comes from Node itself, or from the SDK's native part. */
function parse(line: string): { readonly event?: string; readonly level?: number } {
  try {
    return JSON.parse(line) as object;
  } catch {
    return {};
  }
}
