/** The history of one run of a workflow, read once or followed. Each event is handed over once, in its order. */
import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { call } from '../rpc.ts';

export type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** A reader of a run's events. It keeps what it needs of them, since they are not kept here. */
export interface EventReader {
  read(event: HistoryEvent): void | Promise<void>;
}

/** The server answers an idle long poll after 20 s. @format milliseconds */
const LONG_POLL_TIMEOUT_MS = 40_000;

/** The whole history, as it is now. @param runId the newest run by default @throws {JobNotFoundError} */
export async function readRun<R extends EventReader>(
  client: Client,
  workflowId: string,
  reader: R,
  runId?: string,
): Promise<R> {
  const handle = client.workflow.getHandle(workflowId, runId);
  const history = await call(client, () => handle.fetchHistory(), { jobId: workflowId });
  for (const event of history.events ?? []) await reader.read(event);
  return reader;
}

/** The newest run so far, and a long poll that waits for more. @throws {JobNotFoundError} */
export async function followRun<R extends EventReader>(
  client: Client,
  workflowId: string,
  reader: R,
  signal: AbortSignal,
): Promise<FollowedRun<R>> {
  const handle = client.workflow.getHandle(workflowId);
  const { runId, historyLength } = await call(client, () => handle.describe(), { jobId: workflowId });
  return new FollowedRun({ client, execution: { workflowId, runId }, signal }, reader, historyLength);
}

interface Source {
  readonly client: Client;
  readonly execution: { readonly workflowId: string; readonly runId: string };
  readonly signal: AbortSignal;
}

export class FollowedRun<R extends EventReader> {
  readonly #source: Source;
  readonly #reader: R;
  /** Events that there were when it was opened, and how many have come. */
  readonly #known: number;
  #count = 0;
  #unread: HistoryEvent[] = [];
  #token: Uint8Array | undefined;
  #isOver = false;
  #page: Promise<void> | undefined;

  constructor(source: Source, reader: R, known: number) {
    this.#source = source;
    this.#reader = reader;
    this.#known = known;
  }

  /** Whether no event will come any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The reader, which has read all that there is. */
  async read(): Promise<R> {
    while (!this.#isWhole()) await this.more();
    while (this.#unread.length > 0) {
      const events = this.#unread;
      this.#unread = [];
      for (const event of events) await this.#reader.read(event);
    }
    return this.#reader;
  }

  /** Resolves when there may be more events. One page at a time: two would bring the same events. */
  async more(): Promise<void> {
    this.#page ??= this.#next().finally(() => (this.#page = undefined));
    await this.#page;
  }

  /** A page has some hundred events, and half a history is another job. */
  #isWhole(): boolean {
    return this.#isOver || this.#count >= this.#known;
  }

  /** The first page answers with what there is, a later one as soon as there is more. */
  async #next(): Promise<void> {
    const { client, execution, signal } = this.#source;
    const request = {
      namespace: client.options.namespace,
      execution,
      waitNewEvent: true,
      nextPageToken: this.#token ?? null,
    };
    const page = await call(
      client,
      () => client.withAbortSignal(signal, () => client.workflowService.getWorkflowExecutionHistory(request)),
      { jobId: execution.workflowId, ...(this.#isWhole() && { timeoutMs: LONG_POLL_TIMEOUT_MS }) },
    );
    const events = page.history?.events ?? [];
    this.#unread.push(...events);
    this.#count += events.length;
    this.#token = page.nextPageToken?.length ? page.nextPageToken : undefined;
    this.#isOver = this.#token === undefined;
  }
}
