import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import type { Role } from '../../src/process/pid-files.ts';

/** How the programs of each role are started. */
const COMMANDS: Readonly<Record<Role, readonly string[]>> = {
  dev: ['/holdfast/bin/dev.ts'],
  'temporal-server': ['/holdfast/bin/temporal-server.ts'],
  temporal: ['temporal', 'server', 'start-dev', '--headless'],
  web: ['dist/bin/web.js'],
  worker: ['/holdfast/bin/hard_worker.ts', '--queue', 'default'],
  runner: ['/holdfast/bin/runner.ts', '{}'],
};

/** The same of a service with jobs of its own. */
export const OF_A_SERVICE: Readonly<Partial<Record<Role, readonly string[]>>> = {
  dev: ['/app/node_modules/.bin/holdfast', 'dev'],
  'temporal-server': ['/app/node_modules/holdfast/dist/bin/holdfast.js', 'temporal-server'],
  web: ['/app/node_modules/holdfast/dist/bin/holdfast.js', 'web', '--config', 'holdfast.config.ts'],
  worker: ['/app/node_modules/holdfast/dist/bin/holdfast.js', 'work', '--config', 'holdfast.config.ts'],
  runner: ['/app/node_modules/holdfast/dist/bin/runner.js', '{}'],
};

/** A real process that does nothing, and is gone at the end of the test. @param role whose command line it has */
export async function startSleeper(
  role?: Role,
  commands: Readonly<Partial<Record<Role, readonly string[]>>> = COMMANDS,
): Promise<{ child: ChildProcess; pid: number }> {
  const child =
    role === undefined
      ? spawn('sleep', ['60'], { stdio: 'ignore' })
      : // A shell that waits for a line: its other arguments mean nothing to it.
        spawn('/bin/sh', ['-c', 'read line', ...(commands[role] ?? [])], { stdio: ['pipe', 'ignore', 'ignore'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'spawn');
  if (child.pid === undefined) throw new Error('A started process has no pid.');
  return { child, pid: child.pid };
}
