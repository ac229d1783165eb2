/** Namespaces of a dev server of ours, and of a server that somebody else started, with errors that a person reads. */
import { Client, type Connection } from '@temporalio/client';
import { MachineError } from '../process/errors.ts';
import { NamespaceUnpreparedError } from '../temporal/errors.ts';
import { ensureSearchAttributes, prepareNamespace, RETENTION_DAYS } from '../temporal/prepare-namespace.ts';

/** The dev server's own default is 24 hours, after which finished jobs vanish and an `Idempotency-Key` is forgotten. @throws {MachineError} */
export async function prepareOwnNamespace(connection: Connection, namespace: string): Promise<void> {
  const client = new Client({ connection, namespace });
  await forAPerson(prepareNamespace(client, { withinMs: 10_000, retentionDays: RETENTION_DAYS }));
}

/** Registers search attributes, and changes nothing else. @throws {MachineError} */
export async function prepareForeignNamespace(connection: Connection, namespace: string): Promise<void> {
  await forAPerson(ensureSearchAttributes(new Client({ connection, namespace })));
}

async function forAPerson(preparing: Promise<unknown>): Promise<void> {
  try {
    await preparing;
  } catch (error) {
    throw error instanceof NamespaceUnpreparedError ? new MachineError(error.message, { cause: error }) : error;
  }
}
