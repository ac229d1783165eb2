/** A port as Docker publishes it: on 127.0.0.1, in front of a container whose address changes. */
import { once } from 'node:events';
import { createServer, connect, type Server, type Socket } from 'node:net';

export class PublishedPort implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @param target where the container is now */
  static async open(port: number, target: () => { readonly host: string; readonly port: number }) {
    const server = createServer();
    const published = new PublishedPort(server);
    server.on('connection', (outer) => {
      const inner = connect(target());
      outer.pipe(inner).pipe(outer);
      for (const [socket, other] of [
        [outer, inner],
        [inner, outer],
      ] as const) {
        published.#sockets.add(socket);
        socket.setNoDelay();
        // Whatever ends one of them ends the other: 'close' follows.
        socket.on('error', () => undefined);
        socket.on('close', () => {
          published.#sockets.delete(socket);
          other.destroy();
        });
      }
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return published;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
