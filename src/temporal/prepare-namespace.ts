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
export const RETENTION_DAYS = 30;

/** A server that starts is soon ready, and a person may wait for it. */
const RETRY_AFTER_MS = 50;

export interface NamespaceWishes {
  /** How long the server may take until it is ready. */
  readonly withinMs: number;
  /**
   * Also of a namespace that is there: for a server of our own, whose default is another.
   * @default that of a namespace that is there stays, since its owner chose it; a new one gets `RETENTION_DAYS`
   */
  readonly retentionDays?: number;
}

export interface PreparedNamespace {
  readonly created: boolean;
  readonly retentionDays: number;
  /** Names of the search attributes that were missing. */
  readonly registered: readonly string[];
}

/** @throws {NamespaceUnpreparedError} at once when this client may not, and after `withinMs` when the server does not get ready */
export async function prepareNamespace(client: Client, wishes: NamespaceWishes): Promise<PreparedNamespace> {
  const deadline = Date.now() + wishes.withinMs;
  const { namespace } = client.options;
  const explain = (error: unknown): string => (isRefused(error) ? byHand(namespace) : notInTime(namespace, error));
  const { created, retentionDays } = await accepted(
    deadline,
    () => ensureNamespace(client, wishes.retentionDays),
    explain,
  );
  const registered = await ensureSearchAttributes(client, deadline - Date.now());
  await accepted(deadline, () => filterByAll(client), explain);
  return { created, retentionDays, registered };
}

/**
 * All that a namespace gets whose server somebody else looks after.
 * @returns the names of those that were missing
 * @throws {NamespaceUnpreparedError} naming what is missing and how to register it
 */
export async function ensureSearchAttributes(client: Client, withinMs = 0): Promise<string[]> {
  let missing: readonly SearchAttributeKey[] = SEARCH_ATTRIBUTES;
  await accepted(
    Date.now() + withinMs,
    async () => {
      missing = await missingSearchAttributes(client);
      await registerSearchAttributes(client, missing);
    },
    (error) => unregistered(client.options.namespace, missing, error),
  );
  return missing.map(({ name }) => name);
}

async function ensureNamespace(
  client: Client,
  wantedDays: number | undefined,
): Promise<Omit<PreparedNamespace, 'registered'>> {
  const keptDays = await retentionDaysOf(client);
  if (keptDays === undefined) {
    const retentionDays = wantedDays ?? RETENTION_DAYS;
    await createNamespace(client, retentionDays);
    return { created: true, retentionDays };
  }
  if (wantedDays !== undefined && wantedDays !== keptDays) await setRetention(client, wantedDays);
  return { created: false, retentionDays: wantedDays ?? keptDays };
}

/** @returns undefined when there is no such namespace */
async function retentionDaysOf(client: Client): Promise<number | undefined> {
  const { namespace } = client.options;
  try {
    const { config } = await call(client, () => client.workflowService.describeNamespace({ namespace }));
    return (optionalTsToMs(config?.workflowExecutionRetentionTtl) ?? 0) / DAY_MS;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function createNamespace(client: Client, retentionDays: number): Promise<void> {
  const { namespace } = client.options;
  const workflowExecutionRetentionPeriod = msToTs(retentionDays * DAY_MS);
  try {
    await call(client, () => client.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod }));
  } catch (error) {
    // Another process was a moment faster.
    if (!isAlreadyThere(error)) throw error;
  }
}

async function setRetention(client: Client, days: number): Promise<void> {
  const config = { workflowExecutionRetentionTtl: msToTs(days * DAY_MS) };
  const { namespace } = client.options;
  await call(client, () => client.workflowService.updateNamespace({ namespace, config }));
}

/** @throws {NamespaceUnpreparedError} when one is there with another type */
async function missingSearchAttributes(client: Client): Promise<SearchAttributeKey[]> {
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

async function registerSearchAttributes(client: Client, keys: readonly SearchAttributeKey[]): Promise<void> {
  if (keys.length === 0) return;
  const { namespace } = client.options;
  const searchAttributes = Object.fromEntries(keys.map((key) => [key.name, typeNumber(key)]));
  await call(client, () => client.connection.operatorService.addSearchAttributes({ namespace, searchAttributes }));
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
async function accepted<T>(
  deadline: number,
  attempt: () => Promise<T>,
  explain: (error: unknown) => string,
): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof NamespaceUnpreparedError) throw error;
      if (isRefused(error) || Date.now() >= deadline)
        throw new NamespaceUnpreparedError(explain(error), { cause: error });
      await sleep(RETRY_AFTER_MS);
    }
  }
}

function notInTime(namespace: string, error: unknown): string {
  return `Temporal did not get namespace ${namespace} ready in time: ${String(error)}. Look into its log, then try again.`;
}

function byHand(namespace: string): string {
  return (
    `Temporal does not let this client prepare namespace ${namespace}; on Temporal Cloud only its own tools may. ` +
    `Create it with a retention of ${RETENTION_DAYS} days, and register its search attributes, with those tools or with:\n` +
    `  ${registerCommand(namespace, SEARCH_ATTRIBUTES)}`
  );
}

function unregistered(namespace: string, missing: readonly SearchAttributeKey[], error: unknown): string {
  return (
    `Namespace ${namespace} may lack these search attributes, and they could not be registered (${String(error)}): ` +
    `${missing.map(({ name }) => name).join(', ')}. Register them, then start again:\n` +
    `  ${registerCommand(namespace, missing)}`
  );
}

/** For a person who may do what this client may not. */
function registerCommand(namespace: string, keys: readonly SearchAttributeKey[]): string {
  const flags = keys.map((key) => `--name ${key.name} --type ${SEARCH_ATTRIBUTE_CLI_TYPE[key.type]}`).join(' ');
  return `temporal operator search-attribute create --namespace ${namespace} ${flags}`;
}
