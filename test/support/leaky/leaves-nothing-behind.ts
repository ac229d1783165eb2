import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';

let server: Server;
beforeAll(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => void server.close());

test('passes, and what it started ends a moment later', async () => {
  const child = spawn('sleep', ['0.3'], { stdio: 'ignore' });
  await once(child, 'spawn');
  setTimeout(() => undefined, 300);
  expect(server.listening).toBe(true);
});
