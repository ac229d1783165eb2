/** A chunk in a worker's hands, and all that it deals with in the test's: handlers, slots, the group, the worker and the clock. */
import { ActivityCancellationDetails } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { pino } from 'pino';
import { expect, vi } from 'vitest';
import type { GroupChannel } from '../../src/activities/group-channel.ts';
import { RunningChunk } from '../../src/activities/running-chunk.ts';
import { ServerClock } from '../../src/activities/server-clock.ts';
import { Slots } from '../../src/activities/slots.ts';
import type { ChunkInput, ChunkItem, ChunkReport, ChunkCancellations } from '../../src/job/group/chunks.ts';
import type { Attempt } from '../../src/kinds/job-definition.ts';
import { inProcessRunners } from './in-process-runners.ts';
import { attemptInput, workOf, type Greet } from './kinds.ts';

export const WORKER = 'worker-1';

/** What a job of the chunk does. */
export type Work = (attempt: Attempt) => Promise<string>;

export const ok: Work = async () => 'ok';

export const fails: Work = async () => {
  throw new Error('no luck');
};

export const takes =
  (ms: number, result = 'ok'): Work =>
  async () =>
    new Promise((resolve) => setTimeout(() => resolve(result), ms));

/** Runs until the test ends it, or it is told to stop. */
export function held() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const work: Work = async ({ signal }) => {
    signal.addEventListener('abort', () => reject(new Error('stopped')));
    return promise;
  };
  return { work, finish: (result = 'ok') => resolve(result), fail: (error: Error) => reject(error) };
}

export interface ChunkOptions {
  /** What each job does, by its name. An item's number is its place here. */
  readonly jobs?: Readonly<Record<string, Work>>;
  /** @default as many as there are jobs */
  readonly slots?: number;
  readonly input?: Partial<ChunkInput>;
  readonly priority?: number;
  /** Instead of all `jobs`. */
  readonly greet?: Greet;
  readonly isPaced?: () => boolean;
  /** What the server’s clock shows now. @default what this one does */
  readonly serverNow?: number;
}

/** As the SDK names them. */
const GIVEN_UP = { notFound: 'NOT_FOUND', timedOut: 'TIMED_OUT' } as const;

/** Of the one form that it takes when it travels. */
function asSent<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

export function chunkInHand({
  jobs = {},
  slots: limit,
  input: more,
  priority,
  greet,
  isPaced,
  serverNow = Date.now(),
}: ChunkOptions) {
  const items = Object.keys(jobs).map((name, item): ChunkItem => ({ item, args: { name } }));
  const input: ChunkInput = {
    groupId: 'group-1',
    queue: 'default',
    kind: 'NameWorkflow',
    dueAt: Date.now(),
    timeoutMs: attemptInput().timeoutMs,
    items,
    ...more,
  };
  // Attempts that fail on purpose are no news.
  const env = new MockActivityEnvironment(priority === undefined ? {} : { priority: { priorityKey: priority } }, {
    logger: new DefaultLogger('ERROR'),
  });
  const stopping = new AbortController();
  const slots = new Slots(limit ?? Math.max(1, input.items.length));
  const begun: string[] = [];
  const group = {
    /** What it has heard, in its order. */
    told: [] as ChunkReport[],
    isReachable: true,
    cancellations: { abort: [] } as ChunkCancellations,
  };
  const line = {
    tell: vi.fn<GroupChannel['tell']>(async (report) => {
      if (group.isReachable) group.told.push(asSent(report));
      return group.isReachable;
    }),
    cancellations: vi.fn<GroupChannel['cancellations']>(async () =>
      group.isReachable ? group.cancellations : undefined,
    ),
  };
  const byName: Greet = async ({ name }, attempt) => {
    begun.push(name);
    return (jobs[name] ?? expect.fail(`nobody asked for ${name}`))(attempt);
  };
  const serverClock = new ServerClock(() => Date.now());
  serverClock.hear(serverNow);
  const chunk = new RunningChunk(input, {
    deps: {
      runners: inProcessRunners(workOf(greet ?? byName), WORKER, pino({ level: 'silent' })),
      worker: WORKER,
      stopping: stopping.signal,
      ...(isPaced && { isPaced }),
    },
    slots,
    serverClock,
    context: env.context,
    line,
  });
  return {
    input,
    chunk,
    slots,
    group,
    line,
    /** Names of the jobs that have begun, in their order. */
    begun,
    run: async (): Promise<ChunkReport> => asSent(await chunk.run()),
    /** Somebody asks something of a job of the chunk. */
    callBack: () => env.cancel(),
    /** The server has given this chunk up. */
    giveUp: (why: 'notFound' | 'timedOut') =>
      env.cancel(GIVEN_UP[why], new ActivityCancellationDetails({ [why]: true })),
    stop: () => stopping.abort(),
    /** The grace time of its worker is over. */
    graceIsOver: () => env.cancel('WORKER_SHUTDOWN', new ActivityCancellationDetails({ workerShutdown: true })),
  };
}

/** Vitest's clock, for Node's own promises of time and timeouts of signals too. */
export function useFakeClock(): void {
  vi.useFakeTimers({ fakeNodeBuiltins: true });
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    const timeout = new AbortController();
    setTimeout(() => timeout.abort(), ms);
    return timeout.signal;
  });
}

export async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

/** What was said of each job, in the order of the reports: `done`, `failed`, …, or `returned`. */
export function saidOf(reports: readonly ChunkReport[]): Record<number, string[]> {
  const said: Record<number, string[]> = {};
  const say = (item: number, what: string): void => void (said[item] ??= []).push(what);
  for (const { done, ended, returned } of reports) {
    for (const [item] of done) say(item, 'done');
    for (const { item, as } of ended) say(item, as);
    for (const item of returned) say(item, 'returned');
  }
  return said;
}

export function bytesOf(report: ChunkReport): number {
  return Buffer.byteLength(JSON.stringify(report));
}
