import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, expect, test, vi } from 'vitest';

const listen = async (): Promise<void> => void (await once(createServer().listen(0, '127.0.0.1'), 'listening'));

test('passes, and leaves a process, a timer and a listening socket behind', async () => {
  const child = spawn('sleep', ['21'], { stdio: 'ignore' });
  await once(child, 'spawn');
  setTimeout(() => undefined, 20_000);
  await listen();
  // The guard must not be stopped by these.
  vi.useFakeTimers();
  expect(child.pid).toBeGreaterThan(1);
});

// What hooks of the file leave behind counts as well.
afterAll(listen);
