/** The attempts that a worker process has in hand, and what is done about them when it dies. */
import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { FAILURE } from '../contract/failures.ts';
import type { ReportInHand } from '../activities/attempt.ts';
import type { FromWorker } from './keeper-messages.ts';

/**
 * An attempt is kept in mind this long after its worker said that it ended: its result may not have reached Temporal yet.
 * Failing one that did end well does nothing. @format milliseconds
 */
const REMEMBERED_FOR_MS = 1_000;

export class AttemptsInHand {
  readonly #reports = new Map<string, ReportInHand>();

  hear(message: FromWorker): void {
    switch (message.type) {
      case 'attemptStarted':
      case 'attemptProgressed':
        this.#reports.set(message.token, message.report);
        break;
      case 'attemptEnded':
        setTimeout(() => this.#reports.delete(message.token), REMEMBERED_FOR_MS).unref();
        break;
      case 'ready':
        break;
    }
  }

  get all(): ReadonlyMap<string, ReportInHand> {
    return this.#reports;
  }
}

/**
 * Fails the attempts of a dead process, so that their jobs run again at once instead of after a heartbeat timeout.
 * @returns how many Temporal took; the others had ended already, or their heartbeats have to tell
 */
export async function failLostAttempts(client: Client, attempts: AttemptsInHand, how: string): Promise<number> {
  const deadline = Date.now() + 3_000;
  const failed = await client.withDeadline(deadline, async () =>
    Promise.allSettled(
      [...attempts.all].map(async ([token, report]) => {
        const details = [{ ...report, endedAt: Date.now() }];
        const failure = { type: FAILURE.workerLost, message: `${report.worker} ${how}`, details };
        await client.activity.fail(Buffer.from(token, 'base64'), ApplicationFailure.create(failure));
      }),
    ),
  );
  return failed.filter(({ status }) => status === 'fulfilled').length;
}
