/**
 * Tells whether a process lives where its pid means nothing, as in another container. It listens on a socket in a folder that both
 * see, and the kernel refuses connections after its death. A process that hangs counts as alive.
 */
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';

export interface LifeSign {
  /** Name in the folder. */
  readonly socket: string;
  /** To another kernel, as of another machine with the same folder, the socket says nothing. */
  readonly kernel: string;
}

/** @returns `undefined` where there are no such signs: on other systems, and in folders that take no sockets */
export async function giveLifeSign(folder: string, socket: string): Promise<(LifeSign & Disposable) | undefined> {
  if (process.platform !== 'linux') return undefined;
  const place = openFolder(folder);
  const server = createServer((caller) => caller.destroy());
  const dispose = (): void => {
    // Its file goes with it.
    server.close();
    place[Symbol.dispose]();
  };
  try {
    server.listen(place.pathOf(socket)).unref();
    await once(server, 'listening');
    return { socket, kernel: kernelId(), [Symbol.dispose]: dispose };
  } catch {
    dispose();
    return undefined;
  }
}

/** Whether the process that gave the sign is dead for certain. */
export async function isOver(folder: string, { socket, kernel }: LifeSign): Promise<boolean> {
  if (process.platform !== 'linux' || kernel !== kernelId()) return false;
  using place = openFolder(folder);
  const knocking = connect(place.pathOf(socket));
  try {
    await once(knocking, 'connect');
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
  } finally {
    knocking.destroy();
  }
}

/** A socket's path has 107 bytes at most, and a home may lie deeper. */
function openFolder(folder: string): Disposable & { pathOf(name: string): string } {
  const fd = openSync(folder, 'r');
  return { pathOf: (name) => `/proc/self/fd/${fd}/${name}`, [Symbol.dispose]: () => closeSync(fd) };
}

/** Until the machine starts again. */
function kernelId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
