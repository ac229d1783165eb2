/** Makes a Temporal namespace ready for Holdfast: it exists, and its lists can filter by our search attributes. Safe to repeat. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js';
import { msToTs, optionalTsToMs } from '@temporalio/common/lib/time.js';
import { SEARCH_ATTRIBUTE_CLI_TYPE, SEARCH_ATTRIBUTES } from '../contract/search-attributes.ts';
import { call, isAlreadyThere, isNotFound, isRefused } from './rpc.ts';
import { NamespaceUnpreparedError } from './errors.ts';

type SearchAttributeKey = (typeof SEARCH_ATTRIBUTES)[number];

const DAY_MS = 24 * 60 * 60 * 1_000;

/** Ended jobs can be looked at, and their idempotency keys hold, for this long. */
const RETENTION_DAYS = 30;

export interface PreparedNamespace {
  readonly created: boolean;
  /** Of a namespace that was there before, whatever it was set to. */
  readonly retentionDays: number;
  /** Names of the search attributes that were missing. */
  readonly registered: readonly string[];
}

/** @throws {NamespaceUnpreparedError} at once when this client may not, and after `withinMs` when the server does not get ready */
export async function prepareNamespace(client: Client, withinMs: number): Promise<PreparedNamespace> {
  const { namespace } = client.options;
  const deadline = Date.now() + withinMs;
  const { created, retentionDays } = await accepted(deadline, namespace, () => ensureNamespace(client));
  const registered = await accepted(deadline, namespace, () => ensureSearchAttributes(client));
  await accepted(deadline, namespace, () => filterByAll(client));
  return { created, retentionDays, registered };
}

async function ensureNamespace(client: Client): Promise<{ created: boolean; retentionDays: number }> {
  const { namespace } = client.options;
  try {
    const { config } = await call(client, () => client.workflowService.describeNamespace({ namespace }));
    // Whoever runs the server may have chosen another retention: that is theirs to say.
    const retentionMs = optionalTsToMs(config?.workflowExecutionRetentionTtl) ?? 0;
    return { created: false, retentionDays: retentionMs / DAY_MS };
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  try {
    const workflowExecutionRetentionPeriod = msToTs(RETENTION_DAYS * DAY_MS);
    await call(client, () => client.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod }));
  } catch (error) {
    // Another process was a moment faster.
    if (!isAlreadyThere(error)) throw error;
  }
  return { created: true, retentionDays: RETENTION_DAYS };
}

/** @returns the names of those that were missing */
async function ensureSearchAttributes(client: Client): Promise<string[]> {
  const missing = await missingSearchAttributes(client);
  await registerSearchAttributes(client, missing);
  return missing.map(({ name }) => name);
}

/** @throws {NamespaceUnpreparedError} when one is there with another type */
export async function missingSearchAttributes(client: Client): Promise<SearchAttributeKey[]> {
  const { namespace } = client.options;
  const { operatorService } = client.connection;
  const { customAttributes } = await call(client, () => operatorService.listSearchAttributes({ namespace }));
  for (const key of SEARCH_ATTRIBUTES) {
    const type = customAttributes[key.name];
    if (type !== undefined && type !== typeNumber(key))
      throw new NamespaceUnpreparedError(
        `Namespace ${namespace} has a search attribute ${key.name} of another type, which Holdfast needs for itself. ` +
          'Use another namespace (TEMPORAL_NAMESPACE).',
      );
  }
  return SEARCH_ATTRIBUTES.filter(({ name }) => !(name in customAttributes));
}

export async function registerSearchAttributes(client: Client, keys: readonly SearchAttributeKey[]): Promise<void> {
  if (keys.length === 0) return;
  const { namespace } = client.options;
  const searchAttributes = Object.fromEntries(keys.map((key) => [key.name, typeNumber(key)]));
  await call(client, () => client.connection.operatorService.addSearchAttributes({ namespace, searchAttributes }));
}

/** For a person who may do what this client may not. */
export function registerByHand(namespace: string, keys: readonly SearchAttributeKey[]): string {
  const flags = keys.map((key) => `--name ${key.name} --type ${SEARCH_ATTRIBUTE_CLI_TYPE[key.type]}`).join(' ');
  return `temporal operator search-attribute create --namespace ${namespace} ${flags}`;
}

/** A server takes a moment until jobs can be started with attributes that were just registered. */
async function filterByAll(client: Client): Promise<void> {
  const query = SEARCH_ATTRIBUTES.map(({ name }) => `${name} IS NULL`).join(' AND ');
  await call(client, () => client.workflow.count(query));
}

function typeNumber(key: SearchAttributeKey): number {
  const type = encodeSearchAttributeIndexedValueType(key.type);
  if (type === undefined) throw new Error(`Temporal has no type ${key.type} for search attribute ${key.name}.`);
  return type;
}

/** Repeats what a server that has just started, or has just heard of the namespace, does not accept yet. */
async function accepted<T>(deadline: number, namespace: string, attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof NamespaceUnpreparedError) throw error;
      if (isRefused(error)) throw new NamespaceUnpreparedError(byHand(namespace), { cause: error });
      if (Date.now() >= deadline)
        throw new NamespaceUnpreparedError(
          `Temporal did not get namespace ${namespace} ready in time: ${String(error)}. Look into its log, then try again.`,
          { cause: error },
        );
      await sleep(250);
    }
  }
}

function byHand(namespace: string): string {
  return (
    `Temporal does not let this client prepare namespace ${namespace}; on Temporal Cloud only its own tools may. ` +
    `Create it with a retention of ${RETENTION_DAYS} days, and register its search attributes, with those tools or with:\n` +
    `  ${registerByHand(namespace, SEARCH_ATTRIBUTES)}`
  );
}
