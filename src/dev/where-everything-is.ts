/** The lines that `bin/dev` prints when web and Temporal answer. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config.ts';
import { waitForTemporal } from './prepare-namespace.ts';

/** @returns undefined when `signal` was aborted first */
export async function whereEverythingIs(config: Config, signal: AbortSignal): Promise<string[] | undefined> {
  const app = `http://localhost:${config.web.port}`;
  try {
    await waitForTemporalToAnswer(config, signal);
    while (!(await answers(`${app}/healthz`))) await delay(100, undefined, { signal });
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
  return [
    `App              ${app}`,
    `Try              ${app}/?name=foo`,
    // Another server's Web UI may be anywhere, or missing: only what answers is named.
    ...((await answers(config.temporal.uiUrl)) ? [`Temporal Web UI  ${config.temporal.uiUrl}`] : []),
    `Temporal CLI     bin/temporal workflow list`,
    'Ctrl-C stops all.',
  ];
}

async function waitForTemporalToAnswer(config: Config, signal: AbortSignal): Promise<void> {
  const connection = await waitForTemporal(config.temporal.connection, Number.POSITIVE_INFINITY, signal);
  await connection.close();
}

/** Any status is an answer: with a password set, it is 401. */
async function answers(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
    async (response) => {
      await response.body?.cancel();
      return true;
    },
    () => false,
  );
}
