/**
 * Makes a repeated request harmless: the same key starts one job, also when the first answer never came, and when the process that
 * should have given it died between the durable start and the answer.
 */
import { createHash } from 'node:crypto';
import { KeyReusedError } from '../errors.ts';
import type { RepeatFinder } from './find-repeat.ts';
import type { StartedJob } from '../jobs.ts';
import type { NewJob } from './new-job.ts';

/** How long, and how many, keys are remembered here. An older one is looked for in Temporal, if its repeat says when it was first sent. */
const REMEMBERED_FOR_MS = 10 * 60_000;
const REMEMBERED_AT_MOST = 200_000;

interface Remembered {
  readonly firstSentAt: number;
  readonly contents: string;
  /** Rejects when nothing is known of the start but that it was tried. */
  readonly jobId: Promise<string>;
}

export interface KeyedStart {
  readonly job: NewJob;
  readonly key: string;
  /** Only of a repeat. @format milliseconds since 1970 */
  readonly firstSentAt: number | undefined;
  /** With others, where others come. */
  readonly start: () => Promise<StartedJob>;
  /** Alone and under its key, so that of two repeats one starts the job, and the other finds it. */
  readonly repeat: () => Promise<StartedJob>;
}

export class RequestKeys {
  readonly #finder: RepeatFinder;
  readonly #remembered = new Map<string, Remembered>();

  constructor(finder: RepeatFinder) {
    this.#finder = finder;
  }

  /** @throws {KeyReusedError} */
  async start(asked: KeyedStart): Promise<StartedJob> {
    const contents = contentsOf(asked.job);
    const first = this.#remembered.get(asked.key);
    if (first && first.contents !== contents) throw new KeyReusedError(asked.key);
    // Without a turn of the event loop where there is nothing to wait for: jobs of one request keep their order.
    const jobId = first && (await first.jobId.catch(() => undefined));
    if (jobId !== undefined) return this.#finder.read(jobId);
    // Two repeats of a start that failed: the other one was faster.
    if (first !== this.#remembered.get(asked.key)) return this.start(asked);
    const firstSentAt = first?.firstSentAt ?? asked.firstSentAt;
    const starting = this.#startOrFind(asked, firstSentAt);
    const remembered = starting.then(({ job }) => job.id);
    remembered.catch(() => undefined);
    this.#remember(asked.key, { firstSentAt: firstSentAt ?? Date.now(), contents, jobId: remembered });
    return starting;
  }

  async #startOrFind({ job, key, start, repeat }: KeyedStart, firstSentAt: number | undefined): Promise<StartedJob> {
    if (firstSentAt === undefined) return start();
    return (await this.#finder.find(key, job, firstSentAt)) ?? repeat();
  }

  #remember(key: string, remembered: Remembered): void {
    this.#remembered.delete(key);
    this.#remembered.set(key, remembered);
    const tooOld = Date.now() - REMEMBERED_FOR_MS;
    // A map keeps the order in which its keys came.
    for (const [oldest, { firstSentAt }] of this.#remembered) {
      if (firstSentAt >= tooOld && this.#remembered.size <= REMEMBERED_AT_MOST) return;
      this.#remembered.delete(oldest);
    }
  }
}

function contentsOf({ kind, input }: NewJob): string {
  return createHash('sha1').update(kind).update(JSON.stringify(input.args)).digest('base64');
}
