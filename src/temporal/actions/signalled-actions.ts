/**
 * Actions that Temporal keeps until a worker is back: each is a signal in the workflow's history, which has room for so many. They go one
 * at a time for each workflow, so that each counts those before it.
 */
import type { Client } from '@temporalio/client';
import { BUDGETS } from '../../contract/budgets.ts';
import { jsonBytes } from '../../contract/clip.ts';
import { call } from '../rpc.ts';
import { TooManyActionsError } from '../errors.ts';
import { readRun, type EventReader, type HistoryEvent } from '../history/run-history.ts';

export interface SignalledAction {
  readonly jobId: string;
  readonly workflowId: string;
  readonly name: string;
  readonly args: readonly unknown[];
}

export class SignalledActions {
  readonly #client: Client;
  readonly #last = new Map<string, Promise<void>>();

  constructor(client: Client) {
    this.#client = client;
  }

  /** Resolves once Temporal has it. @throws {TooManyActionsError} @throws {JobNotFoundError} when the workflow is closed */
  async send(action: SignalledAction): Promise<void> {
    const { workflowId } = action;
    const before = this.#last.get(workflowId) ?? Promise.resolve();
    const sent = before.then(() => this.#send(action));
    const over = sent.catch(() => undefined);
    this.#last.set(workflowId, over);
    await over;
    if (this.#last.get(workflowId) === over) this.#last.delete(workflowId);
    return sent;
  }

  async #send({ jobId, workflowId, name, args }: SignalledAction): Promise<void> {
    const { count, bytes } = await readRun(this.#client, workflowId, new WaitingSignals());
    const isTooMuch = bytes + BUDGETS.frame + jsonBytes(args) > BUDGETS.messagesUnanswered;
    if (isTooMuch || count >= BUDGETS.messagesUnansweredCount) {
      const message = `${count} actions of ${jobId} wait for a worker already, and no more fit: start one, and try again then`;
      throw new TooManyActionsError(message);
    }
    const handle = this.#client.workflow.getHandle(workflowId);
    await call(this.#client, () => handle.signal(name, ...args), { jobId });
  }
}

/** Signals that no workflow task has taken. */
class WaitingSignals implements EventReader {
  count = 0;
  bytes = 0;

  read(event: HistoryEvent): void {
    if (event.workflowTaskCompletedEventAttributes) {
      this.count = 0;
      this.bytes = 0;
    }
    const signal = event.workflowExecutionSignaledEventAttributes;
    if (!signal) return;
    this.count += 1;
    this.bytes += BUDGETS.frame;
    for (const payload of signal.input?.payloads ?? []) this.bytes += payload.data?.length ?? 0;
  }
}
