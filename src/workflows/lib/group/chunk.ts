/** Jobs of a group that a worker has, or is about to get, as one activity. */
import { ActivityCancellationType, ActivityFailure, CancellationScope, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../../../activities/index.ts';
import { attemptEndFromError } from '../../../job/attempt-end.ts';
import { type ChunkInput, type ChunkItem, type ChunkReport } from '../../../job/group/chunks.ts';
import { readChunkResult } from '../../../job/group/read-chunk-report.ts';
import type { AttemptEnd } from '../../../job/job-events.ts';
import { ranSince, type JobRecord } from '../../../job/job-record.ts';
import { attemptPriority } from '../../../contract/queues.ts';
import type { Item } from './item.ts';
import { ATTEMPT_BACKSTOP_MS, CHUNK_TAKES_MS, HEARTBEAT_TIMEOUT } from '../decisions.ts';

type ChunkAddress = Pick<ChunkInput, 'groupId' | 'queue'>;

interface ChunkOrigin extends ChunkAddress {
  readonly priority: number | undefined;
}

export class Chunk {
  readonly id: string;
  /** Those of which no news has come, by their numbers. */
  readonly items: Map<number, Item>;
  readonly size: number;
  readonly #scope = new CancellationScope();
  #begun: ReadonlySet<number> = new Set();
  #isCalledBack = false;
  /** Jobs that came back before they began. */
  returned = 0;

  constructor(id: string, items: readonly Item[]) {
    this.id = id;
    this.size = items.length;
    this.items = new Map(items.map((item) => [item.number, item]));
  }

  /** Asks the worker for what it has not begun; a chunk that no worker has yet comes back whole. */
  callBack(): void {
    if (this.#isCalledBack) return;
    this.#isCalledBack = true;
    this.#scope.cancel();
  }

  /** Whether the worker, once called back, keeps this job because it runs. */
  hasBegun(item: number): boolean {
    return this.#isCalledBack && this.#begun.has(item);
  }

  hear(report: ChunkReport): void {
    this.#begun = new Set(report.begun.map(({ item }) => item));
  }

  async run({ priority, ...group }: ChunkOrigin): Promise<AttemptEnd | ChunkReport> {
    const records = [...this.items.values()].map(({ number, record }) => ({ number, record }));
    const waits = Math.max(0, ...records.map(({ record }) => record.dueAt - Date.now()));
    const longest = Math.max(...records.map(({ record }) => record.timeoutMs));
    const { runChunk } = proxyActivities<Activities>({
      activityId: this.id,
      taskQueue: group.queue,
      ...attemptPriority(priority),
      startToCloseTimeout: waits + longest + CHUNK_TAKES_MS + ATTEMPT_BACKSTOP_MS,
      heartbeatTimeout: HEARTBEAT_TIMEOUT,
      // What comes next is for the group to decide, job by job.
      retry: { maximumAttempts: 1 },
      cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
      summary: `${this.size} ${this.size === 1 ? 'job' : 'jobs'}`,
    });
    const input = inputOf(group, records);
    try {
      return readChunkResult(await this.#scope.run(() => runChunk(input)));
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      return attemptEndFromError(error.cause);
    }
  }
}

function inputOf(group: ChunkAddress, records: readonly { number: number; record: JobRecord }[]): ChunkInput {
  const { kind, dueAt, timeoutMs } = records[0]?.record ?? { kind: '', dueAt: 0, timeoutMs: 0 };
  const items = records.map(({ number, record }) => {
    // Undefined is left out of JSON.
    const { args, checkpoint } = record as JobRecord & Pick<ChunkItem, 'args'>;
    return {
      item: number,
      args,
      kind: record.kind === kind ? undefined : record.kind,
      timeoutMs: record.timeoutMs === timeoutMs ? undefined : record.timeoutMs,
      number: record.lastNumber === 1 ? undefined : record.lastNumber,
      dueAt: record.dueAt === dueAt ? undefined : record.dueAt,
      checkpoint,
      ranSince: ranSince(record),
      isSuspect: record.blame?.isSuspect ? true : undefined,
    } as ChunkItem;
  });
  return { ...group, kind, dueAt, timeoutMs, items };
}
