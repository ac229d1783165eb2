/** What becomes of a program that logs when nobody reads it: on a real pipe and a real terminal. */
import { execFileSync, spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { temporaryHome } from '../support/temporary-home.ts';

const TALKER = fileURLToPath(new URL('programs/talker.ts', import.meta.url));
const BIN_NODE = fileURLToPath(new URL('../../bin/node', import.meta.url));
const MODES = ['production', 'development'] as const;

interface Talker {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown[]>;
  complains(): string;
  /** It has logged five megabytes, and its timer went on. */
  ticked(): Promise<void>;
}

function start(command: string, args: readonly string[], mode: string, stdout: StdioOptions = 'pipe'): Talker {
  const child = spawn(command, args, {
    stdio: ['ignore', stdout, 'pipe'] as StdioOptions,
    env: { ...process.env, NODE_ENV: mode, LOG_LEVEL: 'info' },
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
    // What nobody reads never ends.
    child.stdout?.destroy();
    child.stderr?.destroy();
  });
  let complaints = '';
  child.stderr?.on('data', (chunk) => (complaints += String(chunk)));
  return {
    child,
    ended: once(child, 'exit'),
    complains: () => complaints,
    ticked: () => vi.waitFor(() => expect(complaints).toMatch(/^ticked/m), { timeout: 15_000, interval: 10 }),
  };
}

/** A pipe that has an end to read from, which nobody does. */
async function fullPipe(): Promise<{ path: string; fd: number }> {
  const home = await temporaryHome();
  const path = join(home.path, 'pipe');
  execFileSync('mkfifo', [path]);
  const fd = openSync(path, constants.O_RDWR);
  onTestFinished(async () => {
    closeSync(fd);
    await home[Symbol.asyncDispose]();
  });
  return { path, fd };
}

test.each(MODES)(
  'nobody reads the pipe, %s: it goes on, and counts what is lost for the one who reads later',
  async (mode) => {
    const pipe = await fullPipe();
    const talker = start(BIN_NODE, [TALKER], mode, pipe.fd as never);
    await talker.ticked();
    expect(Number(/, (\d+) MiB/.exec(talker.complains())?.[1])).toBeLessThan(300);

    let read = '';
    const reader = spawn('cat', [pipe.path], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void reader.kill('SIGKILL'));
    reader.stdout.on('data', (chunk) => (read += String(chunk)));
    await vi.waitFor(() => expect(read).toContain('are lost'), { timeout: 10_000 });
    const lost = Number(/"?lines"?:\s?(\d+)/.exec(read)?.[1]);
    expect(lost + (read.match(/x{1000}/g)?.length ?? 0)).toBe(5_000);

    talker.child.kill('SIGTERM');
    expect(await talker.ended).toEqual([7, null]);
    await vi.waitFor(() => expect(read).toContain('the last line'), { timeout: 10_000 });
  },
);

test.each(MODES)('nobody reads the pipe, %s: it ends all the same', async (mode) => {
  const pipe = await fullPipe();
  const talker = start(BIN_NODE, [TALKER], mode, pipe.fd as never);
  await talker.ticked();
  talker.child.kill('SIGTERM');
  expect(await talker.ended).toEqual([7, null]);
});

/** Starts what follows on a terminal of its own. `closed` is a terminal whose window is gone. */
const ON_TERMINAL = `
import os, pty, subprocess, sys
master, slave = pty.openpty()
child = subprocess.Popen(sys.argv[2:], stdout=slave, start_new_session=True)
os.close(slave)
if sys.argv[1] == 'closed': os.close(master)
sys.exit(child.wait())`;

/** Each command line starts what comes behind it, with a standard output that takes little or nothing. */
const OUTPUTS: readonly (readonly [string, readonly string[]])[] = [
  [
    'a pipe whose reader is gone',
    ['/bin/sh', '-c', 'exec 3>&1; { "$@" & echo $! >&3; wait $!; echo "code $?" >&2; } | true', 'sh'],
  ],
  ['a full disk', ['/bin/sh', '-c', '"$@" >/dev/full & echo $!; wait $!; echo "code $?" >&2', 'sh']],
  ['a terminal that is stopped', ['python3', '-c', ON_TERMINAL, 'open']],
  ['a terminal that is closed', ['python3', '-c', ON_TERMINAL, 'closed']],
];

test.each(MODES.flatMap((mode) => OUTPUTS.map(([what, line]) => [what, mode, line] as const)))(
  '%s, %s: it goes on',
  async (_what, mode, [command = '', ...args]) => {
    const talker = start(command, [...args, BIN_NODE, TALKER], mode);
    await talker.ticked();
    expect(talker.complains()).not.toMatch(/code|Error/);
  },
);
