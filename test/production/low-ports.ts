import { once } from 'node:events';
import { createServer } from 'node:net';

/** Temporal writes its members' ports into columns that end at 32767, below where systems hand out free ports. */
const FIRST = 17_430;
const LAST = 32_767;

/** @returns ports that were free a moment ago */
export async function lowPorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let port = FIRST; ports.length < count; port += 1) {
    if (port > LAST) throw new Error(`Fewer than ${count} ports from ${FIRST} to ${LAST} are free.`);
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
