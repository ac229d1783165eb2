/** Temporal as whoever follows histories sees it: a test adds the events, which come page by page to those who poll for them. */
import { EventEmitter, once } from 'node:events';
import type { Client } from '@temporalio/client';
import { defaultFailureConverter, defaultPayloadConverter } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time.js';
import type { temporal } from '@temporalio/proto';
import type { ReadDependencies } from '../../src/temporal/history/read-job.ts';

export type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
type Payload = temporal.api.common.v1.IPayload;

/** Long ago, so that no job is handed out ahead of its time. */
export const START = Date.parse('2020-01-01T00:00:00Z');

export function payloadsOf(...values: readonly unknown[]): { payloads: Payload[] } {
  return { payloads: values.map((value) => defaultPayloadConverter.toPayload(value)) };
}

/** Numbers of events are 64 bits long, as seconds are. */
export function idOf(id: number): NonNullable<HistoryEvent['eventId']> | null {
  return msToTs(id * 1_000).seconds ?? null;
}

const CLOSES = ['Completed', 'Terminated', 'ContinuedAsNew'].map((how) => `workflowExecution${how}EventAttributes`);

export class GrowingHistories {
  pageSize = 100;
  /** How often each payload was decoded. */
  readonly decoded = new Map<Payload, number>();
  /** Pages that were asked for, and descriptions. */
  pages = 0;
  descriptions = 0;
  /** How many more pages are answered before Temporal goes away; calls that wait then fail too. */
  pagesUntilAway = Number.POSITIVE_INFINITY;
  readonly #runs = new Map<string, HistoryEvent[][]>();
  readonly #changes = new EventEmitter().setMaxListeners(0);
  /** Of the page that is asked for. */
  #signal: AbortSignal | undefined;

  /** A new run of this workflow. */
  begin(workflowId: string, type: string, ...inputs: readonly unknown[]): void {
    this.#runs.set(workflowId, [...(this.#runs.get(workflowId) ?? []), []]);
    const input = payloadsOf(...inputs);
    this.add(workflowId, { workflowExecutionStartedEventAttributes: { workflowType: { name: type }, input } });
  }

  /** A second after the event before, each. */
  add(workflowId: string, ...bodies: readonly HistoryEvent[]): void {
    const run = this.#runs.get(workflowId)?.at(-1) ?? [];
    for (const body of bodies) {
      const eventTime = msToTs(START + run.length * 1_000);
      run.push(Object.assign({ eventId: idOf(run.length + 1), eventTime }, body));
    }
    this.#changes.emit('change');
  }

  /** A workflow task, and what the workflow did in it. */
  task(workflowId: string, ...done: readonly HistoryEvent[]): void {
    const started = (this.#runs.get(workflowId)?.at(-1)?.length ?? 0) + 1;
    const completed = { workflowTaskCompletedEventAttributes: { startedEventId: idOf(started) } };
    this.add(workflowId, { workflowTaskStartedEventAttributes: {} }, completed, ...done);
  }

  goAway(afterPages = 0): void {
    this.pagesUntilAway = afterPages;
    this.#changes.emit('change');
  }

  comeBack(): void {
    this.pagesUntilAway = Number.POSITIVE_INFINITY;
  }

  get deps(): ReadDependencies {
    return { client: this.#client(), taskQueue: 'workflows', workers: { presence: async () => 'present' } };
  }

  #client(): Client {
    const payloadConverter = {
      toPayload: defaultPayloadConverter.toPayload.bind(defaultPayloadConverter),
      fromPayload: (payload: Payload): unknown => {
        this.decoded.set(payload, (this.decoded.get(payload) ?? 0) + 1);
        return defaultPayloadConverter.fromPayload(payload);
      },
    };
    const loadedDataConverter = { payloadConverter, failureConverter: defaultFailureConverter, payloadCodecs: [] };
    return {
      options: { namespace: 'default', loadedDataConverter },
      withDeadline: async <T>(_deadline: number, body: () => Promise<T>) => body(),
      withAbortSignal: async <T>(signal: AbortSignal, body: (signal: AbortSignal) => Promise<T>) => {
        this.#signal = signal;
        return body(signal);
      },
      workflow: {
        getHandle: (workflowId: string) => ({
          describe: async () => this.#describe(workflowId),
          fetchHistory: async () => ({ events: this.#run(workflowId).events }),
        }),
      },
      workflowService: { getWorkflowExecutionHistory: async (request: PageRequest) => this.#page(request) },
    } as unknown as Client;
  }

  #describe(workflowId: string): object {
    this.descriptions += 1;
    const { runId, events } = this.#run(workflowId);
    return { runId, historyLength: events.length, raw: {} };
  }

  async #page({ execution: { workflowId, runId }, nextPageToken }: PageRequest): Promise<object> {
    const signal = this.#signal;
    const from = Number(Buffer.from(nextPageToken ?? []).toString() || 0);
    const { events } = this.#run(workflowId, runId);
    const isClosed = (): boolean => CLOSES.some((close) => close in (events.at(-1) ?? {}));
    while (from >= events.length && !isClosed()) {
      await once(this.#changes, 'change', signal && { signal });
      this.#run(workflowId, runId);
    }
    this.pagesUntilAway -= 1;
    this.pages += 1;
    const to = Math.min(from + this.pageSize, events.length);
    const isLast = to === events.length && isClosed();
    return { history: { events: events.slice(from, to) }, nextPageToken: Buffer.from(isLast ? '' : String(to)) };
  }

  /** @throws as the client does while its server is away, and of a workflow that is unknown */
  #run(workflowId: string, runId?: string): { readonly runId: string; readonly events: HistoryEvent[] } {
    if (this.pagesUntilAway <= 0) throw grpcError(14, 'connection refused');
    const runs = this.#runs.get(workflowId);
    if (!runs) throw grpcError(5, 'workflow not found');
    const number = runId === undefined ? runs.length - 1 : Number(runId);
    return { runId: String(number), events: runs[number] ?? [] };
  }
}

interface PageRequest {
  readonly execution: { readonly workflowId: string; readonly runId: string };
  readonly nextPageToken: Uint8Array | null;
}

function grpcError(code: number, details: string): Error {
  return Object.assign(new Error(details), { code, details, metadata: {} });
}
