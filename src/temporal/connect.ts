/** Connects a client to Temporal: at once without an error when Temporal is not there yet, and again soon after it was away. */
import { Client, Connection } from '@temporalio/client';
import type { TemporalConnection } from '../config/config.ts';
import { BUDGETS } from '../contract/budgets.ts';

export function connectClient(temporal: TemporalConnection): Client {
  const connection = Connection.lazy({
    ...temporal.connection,
    // gRPC would wait up to two minutes between tries once a server was away for a while.
    channelArgs: {
      ...temporal.connection.channelArgs,
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 500,
      // Left to itself it takes 4 MiB, and a page of a history may be more: the job could neither be read nor moved.
      'grpc.max_receive_message_length': BUDGETS.historyPage,
    },
  });
  return new Client({ connection, namespace: temporal.namespace });
}
