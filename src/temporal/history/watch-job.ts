/** A job as it changes. Long-polls the history, so a change shows at once; looks every second for what no history tells. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { itemAddress } from '../../job/group/groups.ts';
import { call } from '../rpc.ts';
import { mayPass } from '../errors.ts';
import { describeGroup } from './describe-job.ts';
import { readJob } from './find-job.ts';
import type { JobSnapshot } from '../jobs.ts';
import { foldGroupEvents, snapshotOfItem } from './read-item.ts';
import { foldEvents, snapshotOfOwn, type ReadDependencies } from './read-job.ts';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** How often progress, the attempt's worker and the workers' presence are looked at. @format milliseconds */
const LOOK_EVERY_MS = 1_000;
/** The server answers an idle long poll after 20 s. @format milliseconds */
const LONG_POLL_TIMEOUT_MS = 40_000;

/** @throws {JobNotFoundError} at once; a Temporal that goes away later only makes snapshots stale */
export async function* watchJob(
  deps: ReadDependencies,
  jobId: string,
  signal: AbortSignal,
): AsyncGenerator<JobSnapshot> {
  const { workflowId } = await readJob(deps, jobId);
  let followed = new FollowedHistory(deps.client, workflowId, signal);
  let last: JobSnapshot | undefined;
  while (!signal.aborted) {
    let current: JobSnapshot;
    try {
      current = await look(deps, jobId, followed);
      // It has left its group since.
      if (current.workflowId !== followed.workflowId)
        followed = new FollowedHistory(deps.client, current.workflowId, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!mayPass(error) || !last) throw error;
      current = { ...last, stale: true };
    }
    if (JSON.stringify(current) !== JSON.stringify(last)) yield current;
    last = current;
    if (current.job.endedAt !== null && !current.stale) return;
    await firstOf(followed.changed(), signal);
  }
}

/** The job as the followed history tells it now, or as it is found elsewhere when that has it no longer. */
async function look(deps: ReadDependencies, jobId: string, followed: FollowedHistory): Promise<JobSnapshot> {
  const { workflowId } = followed;
  const events = await followed.events();
  if (workflowId === jobId) {
    const folded = await foldEvents(deps.client, jobId, events);
    if (folded.nextRunId) followed.startOver();
    return snapshotOfOwn(deps, jobId, folded);
  }
  const history = await foldGroupEvents(deps.client, workflowId, events);
  if (history.nextRunId) followed.startOver();
  const item = itemAddress(jobId)?.item ?? -1;
  if (history.hasLeft(item)) return readJob(deps, jobId);
  const state = { history, ...(await describeGroup(deps.client, workflowId)) };
  return (await snapshotOfItem(deps, state, item)) ?? readJob(deps, jobId);
}

/** The next change, or the next look; an abandoned wait leaves nothing behind. */
async function firstOf(changed: Promise<void>, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const tick = sleep(LOOK_EVERY_MS, undefined, { signal: AbortSignal.any([signal, over.signal]) });
  try {
    await Promise.race([changed, tick.catch(() => undefined)]);
  } finally {
    over.abort();
  }
}

/** The events of a workflow's newest run so far, and a long poll that waits for more. */
class FollowedHistory {
  readonly workflowId: string;
  readonly #client: Client;
  readonly #signal: AbortSignal;
  #events: HistoryEvent[] = [];
  #runId: string | undefined;
  #token: Uint8Array | undefined;
  #poll: Promise<void> | undefined;

  constructor(client: Client, workflowId: string, signal: AbortSignal) {
    this.#client = client;
    this.workflowId = workflowId;
    this.#signal = signal;
  }

  async events(): Promise<readonly HistoryEvent[]> {
    if (this.#runId === undefined) await this.#open();
    return this.#events;
  }

  /** Resolves when there may be more events; at once after an error, which the next look reports. */
  async changed(): Promise<void> {
    this.#poll ??= this.#next(LONG_POLL_TIMEOUT_MS).finally(() => (this.#poll = undefined));
    await this.#poll.catch(() => new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS)));
  }

  /** For a job that continued as new: its newest run has another history. */
  startOver(): void {
    this.#runId = undefined;
    this.#token = undefined;
    this.#events = [];
  }

  async #open(): Promise<void> {
    const handle = this.#client.workflow.getHandle(this.workflowId);
    const { runId, historyLength } = await call(this.#client, () => handle.describe(), { jobId: this.workflowId });
    this.#runId = runId;
    // A page has some hundred events, and half a history is another job.
    do await this.#next();
    while (this.#events.length < historyLength && this.#token);
  }

  /** The first page answers with what there is, a later one as soon as there is more. */
  async #next(timeoutMs?: number): Promise<void> {
    const runId = this.#runId ?? '';
    const page = await call(
      this.#client,
      () =>
        this.#client.withAbortSignal(this.#signal, () =>
          this.#client.workflowService.getWorkflowExecutionHistory({
            namespace: this.#client.options.namespace,
            execution: { workflowId: this.workflowId, runId },
            waitNewEvent: true,
            nextPageToken: this.#token ?? null,
          }),
        ),
      { jobId: this.workflowId, ...(timeoutMs !== undefined && { timeoutMs }) },
    );
    // The job may have continued as new while this poll was out.
    if (runId !== this.#runId) return;
    this.#events.push(...(page.history?.events ?? []));
    this.#token = page.nextPageToken?.length ? page.nextPageToken : undefined;
  }
}
