/** HTTP by hand, where a client library would mend, hide or hurry what goes over the wire. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawConnection {
  readonly socket: Socket;
  /** All that the server has sent so far. */
  readonly received: () => string;
  /** Resolves once the bytes are with the machine's network. Rejects when the server has hung up. */
  readonly send: (data: string | Uint8Array) => Promise<void>;
  /** When the connection is over, with the error that ended it, if one did. */
  readonly over: Promise<Error | undefined>;
}

export async function rawConnection(port: number): Promise<RawConnection> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  let received = '';
  let failure: Error | undefined;
  socket.on('data', (data) => (received += data.toString('latin1')));
  socket.on('error', (error) => (failure = error));
  return {
    socket,
    received: () => received,
    send: async (data) =>
      new Promise((resolve, reject) => {
        socket.write(data, (error) => (error ? reject(error) : resolve()));
      }),
    over: once(socket, 'close').then(() => failure),
  };
}

/** A request's head, with `Host`. */
export function head(method: string, target: string, headers: Readonly<Record<string, string | number>> = {}): string {
  const lines = Object.entries({ Host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`;
}
