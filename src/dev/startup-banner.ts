/** The lines that the development stack prints when web and Temporal answer. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config/config.ts';
import { isListening } from './ports.ts';
import { waitForTemporal } from './wait-for-temporal.ts';

/** What differs between services. */
export interface Banner {
  readonly tryPath: string;
}

/** What web may listen on that is reached by that name. */
const LOCALHOST = new Set(['127.0.0.1', '::1', 'localhost', '0.0.0.0', '::']);

/** @returns undefined when `signal` was aborted first */
export async function startupBanner(
  config: Config,
  { tryPath }: Banner,
  signal: AbortSignal,
): Promise<string[] | undefined> {
  const { host, port } = config.web;
  const app = `http://${LOCALHOST.has(host) ? 'localhost' : host}:${port}`;
  try {
    await waitForTemporalToAnswer(config, signal);
    while (!(await answers(app))) await delay(100, undefined, { signal });
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
  return [
    `App              ${app}`,
    `Try              ${app}${tryPath}`,
    // Another server's Web UI may be anywhere, or missing: only what answers is named.
    ...((await answers(config.temporal.uiUrl)) ? [`Temporal Web UI  ${config.temporal.uiUrl}`] : []),
    `Temporal CLI     ${config.programs.temporal} workflow list`,
    'Ctrl-C stops all.',
  ];
}

async function waitForTemporalToAnswer(config: Config, signal: AbortSignal): Promise<void> {
  const connection = await waitForTemporal(config.temporal.connection, Number.POSITIVE_INFINITY, signal);
  await connection.close();
}

/** Without a request: `fetch` may go through a proxy. */
async function answers(url: string): Promise<boolean> {
  const { protocol, hostname, port } = new URL(url);
  return isListening(`${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`, 1_000);
}
