/** What a namespace gets, and what is said when it does not: on the real server that is `dev-server-settings.server.test.ts`. */
import type { Client } from '@temporalio/client';
import { msToTs, tsToMs, type Timestamp } from '@temporalio/common/lib/time.js';
import { expect, test } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../src/contract/search-attributes.ts';
import { NamespaceUnpreparedError } from '../../src/temporal/errors.ts';
import { ensureSearchAttributes, prepareNamespace } from '../../src/temporal/prepare-namespace.ts';

const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
const DENIED = 7;
const UNAVAILABLE = 14;
const DAY_MS = 24 * 60 * 60 * 1_000;

interface World {
  readonly client: Client;
  /** What was changed, in order. */
  readonly changes: string[];
}

/** What calls carry, as far as it is looked at. */
interface Asked {
  readonly workflowExecutionRetentionPeriod?: Timestamp;
  readonly config?: { readonly workflowExecutionRetentionTtl?: Timestamp };
  readonly searchAttributes?: Readonly<Record<string, number>>;
}

interface Server {
  /** @default there is no such namespace */
  readonly keepsDays?: number;
  /** Codes that a call answers first, one each time. */
  readonly refusals?: Readonly<Record<string, number[]>>;
}

function world({ keepsDays, refusals = {} }: Server): World {
  const changes: string[] = [];
  const registered: Record<string, number> = {};
  /** A call of the server, which may refuse it a few times. */
  const answering = (name: string, answer: (asked: Asked) => unknown) => async (asked: Asked) => {
    const code = refusals[name]?.shift();
    if (code !== undefined) throw Object.assign(new Error(name), { code, details: `no ${name}`, metadata: {} });
    return answer(asked);
  };
  const days = (retention: Timestamp | undefined): number => tsToMs(retention) / DAY_MS;
  const client = {
    options: { namespace: 'jobs' },
    withDeadline: async (_deadline: number, rpc: () => Promise<unknown>) => rpc(),
    workflow: { count: answering('count', () => ({ count: 0 })) },
    workflowService: {
      describeNamespace: answering('describe', () => {
        if (keepsDays === undefined) throw Object.assign(new Error(), { code: NOT_FOUND, details: '', metadata: {} });
        return { config: { workflowExecutionRetentionTtl: msToTs(keepsDays * DAY_MS) } };
      }),
      registerNamespace: answering('create', ({ workflowExecutionRetentionPeriod }) =>
        changes.push(`created for ${days(workflowExecutionRetentionPeriod)} days`),
      ),
      updateNamespace: answering('update', ({ config }) =>
        changes.push(`now ${days(config?.workflowExecutionRetentionTtl)} days`),
      ),
    },
    connection: {
      operatorService: {
        listSearchAttributes: answering('list', () => ({ customAttributes: { ...registered } })),
        addSearchAttributes: answering('add', ({ searchAttributes }) => Object.assign(registered, searchAttributes)),
      },
    },
  };
  return { client: client as unknown as Client, changes };
}

const ALL = SEARCH_ATTRIBUTES.map(({ name }) => name);

test('one that is missing is created, and keeps ended jobs for 30 days', async () => {
  const { client, changes } = world({});
  expect(await prepareNamespace(client, { withinMs: 0 })).toEqual({
    created: true,
    retentionDays: 30,
    registered: ALL,
  });
  expect(changes).toEqual(['created for 30 days']);
});

test('one that another process makes at this moment is as good', async () => {
  const { client } = world({ refusals: { create: [ALREADY_EXISTS] } });
  expect(await prepareNamespace(client, { withinMs: 0 })).toMatchObject({ created: true });
});

test('one that is there keeps its retention, unless another is asked for', async () => {
  const theirs = world({ keepsDays: 3 });
  expect(await prepareNamespace(theirs.client, { withinMs: 0 })).toMatchObject({ created: false, retentionDays: 3 });
  expect(theirs.changes).toEqual([]);

  const ours = world({ keepsDays: 1 });
  const wishes = { withinMs: 0, retentionDays: 30 };
  expect(await prepareNamespace(ours.client, wishes)).toMatchObject({ created: false, retentionDays: 30 });
  expect(ours.changes).toEqual(['now 30 days']);
});

test('a server that has just started does not know its namespaces for a moment: it is asked again, and none is created', async () => {
  const { client, changes } = world({
    keepsDays: 1,
    refusals: { update: [NOT_FOUND], list: [NOT_FOUND], count: [UNAVAILABLE] },
  });
  expect(await prepareNamespace(client, { withinMs: 10_000, retentionDays: 30 })).toEqual({
    created: false,
    retentionDays: 30,
    registered: ALL,
  });
  expect(changes).toEqual(['now 30 days']);
});

test('repeated, it changes nothing', async () => {
  const { client, changes } = world({ keepsDays: 30 });
  await prepareNamespace(client, { withinMs: 0, retentionDays: 30 });
  expect(await prepareNamespace(client, { withinMs: 0, retentionDays: 30 })).toMatchObject({ registered: [] });
  expect(changes).toEqual([]);
});

test('a client that may not hears so at once, with the commands of those who may', async () => {
  const { client } = world({ refusals: { describe: [DENIED] } });
  await expect(prepareNamespace(client, { withinMs: Infinity })).rejects.toThrow(
    /^Temporal does not let this client prepare namespace jobs;[^]*retention of 30 days[^]*--namespace jobs --name JobQueue/,
  );
});

test('what could not be registered is named', async () => {
  const { client } = world({ refusals: { add: [DENIED] } });
  const registering = ensureSearchAttributes(client);
  await expect(registering).rejects.toThrow(NamespaceUnpreparedError);
  await expect(registering).rejects.toThrow(
    /^Namespace jobs may lack these search attributes[^]*no add[^]*JobQueue, JobDueAt[^]*search-attribute create --namespace jobs/,
  );
});

test('a server that does not get ready is not waited for any longer', async () => {
  const { client } = world({ keepsDays: 30, refusals: { count: [UNAVAILABLE] } });
  await expect(prepareNamespace(client, { withinMs: 0 })).rejects.toThrow(
    /^Temporal did not get namespace jobs ready in time: [^]*Look into its log/,
  );
});
