import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';

const WISHES = fileURLToPath(new URL('programs/wishes.ts', import.meta.url));
const BIN_NODE = fileURLToPath(new URL('../../bin/node', import.meta.url));

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown[]>;
  said(): string[];
  says(line: string): Promise<void>;
  signal(signal: NodeJS.Signals): void;
}

/** Behind `bin/node`, which a shell that ignores some signals starts, in a process group of its own. */
async function start({ ignoring = '', args = [] as string[] } = {}): Promise<Running> {
  const shell = `${ignoring === '' ? '' : `trap '' ${ignoring};`} exec "$0" "$@"`;
  const child = spawn('/bin/sh', ['-c', shell, BIN_NODE, WISHES, ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid ?? Number.NaN), 'SIGKILL');
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  const running: Running = {
    child,
    ended: once(child, 'exit'),
    said: () => output.trim().split('\n'),
    says: (line) => vi.waitFor(() => expect(running.said()).toContain(line), { timeout: 10_000, interval: 10 }),
    signal: (signal) => void child.kill(signal),
  };
  await running.says('ready');
  return running;
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)(
  '%s is a wish to stop, and a later one to hurry',
  async (signal) => {
    const program = await start();
    program.signal(signal);
    await program.says('first');
    await delay(1_200);
    expect(program.said()).toEqual(['ready', 'first']);
    program.signal(signal);
    await program.says('second');
    expect(await program.ended).toEqual([0, null]);
  },
);

test('two signals shortly after each other are one wish', async () => {
  const program = await start();
  program.signal('SIGINT');
  await program.says('first');
  program.signal('SIGTERM');
  await delay(300);
  program.signal('SIGINT');
  await delay(1_500);
  expect(program.said()).toEqual(['ready', 'first']);
});

test('they are one wish to a program that computes meanwhile', async () => {
  const program = await start({ args: ['--block', '1500'] });
  program.signal('SIGINT');
  await program.says('first');
  program.signal('SIGINT');
  await delay(2_500);
  expect(program.said()).toEqual(['ready', 'first']);
});

test.each(['HUP', 'INT', 'QUIT', 'TERM'])('SIG%s stays ignored when the program was started so', async (name) => {
  const program = await start({ ignoring: name });
  program.signal(`SIG${name}` as NodeJS.Signals);
  await delay(300);
  expect(program.said()).toEqual(['ready']);
  program.signal(name === 'TERM' ? 'SIGINT' : 'SIGTERM');
  await program.says('first');
});

test.each(['SIGINT', 'SIGHUP'] as const)('%s to the whole group leaves a child to its parent', async (signal) => {
  const program = await start({ args: ['--child'] });
  process.kill(-(program.child.pid ?? Number.NaN), signal);
  await program.says('first');
  await delay(1_200);
  process.kill(-(program.child.pid ?? Number.NaN), signal);
  await program.says('second');
  await program.says('child 0');
  expect(program.said()).toEqual(['ready', 'first', 'second', 'child 0']);
});
