import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { readPidFiles, writePidFile } from '../../src/process/pid-files.ts';
import { startSleeper } from '../support/sleeper.ts';
import { temporaryHome } from '../support/temporary-home.ts';

const files = (home: string): string[] => readdirSync(join(home, 'pids'));

test('a running process is found by its file, and its file goes when it is disposed of', async () => {
  await using home = await temporaryHome();
  const file = writePidFile(home.path, 'web');
  expect(readPidFiles(home.path)).toMatchObject([{ role: 'web', pid: process.pid, root: process.cwd() }]);
  expect(readPidFiles(home.path, 'worker', 'runner')).toEqual([]);
  file[Symbol.dispose]();
  expect(files(home.path)).toEqual([]);
});

test('a home without pid files has no processes', async () => {
  await using home = await temporaryHome();
  expect(readPidFiles(home.path)).toEqual([]);
});

test('the file of a killed process is cleared away', async () => {
  await using home = await temporaryHome();
  const sleeper = await startSleeper();
  writePidFile(home.path, 'runner', sleeper.pid);
  expect(readPidFiles(home.path)).toHaveLength(1);
  sleeper.child.kill('SIGKILL');
  await once(sleeper.child, 'exit');
  expect(readPidFiles(home.path)).toEqual([]);
  expect(files(home.path)).toEqual([]);
});

test('a process that ends leaves the files of those that outlive it', async () => {
  await using home = await temporaryHome();
  const sleeper = await startSleeper();
  const module = new URL('../../src/process/pid-files.ts', import.meta.url).href;
  const program = `
    import { writePidFile } from ${JSON.stringify(module)};
    writePidFile(${JSON.stringify(home.path)}, 'temporal-server');
    writePidFile(${JSON.stringify(home.path)}, 'temporal', ${sleeper.pid});
    process.exit(1);`;
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', program]);
  await once(parent, 'exit');
  expect(parent.exitCode).toBe(1);
  expect(files(home.path)).toEqual([`temporal-${sleeper.pid}.pid`]);
  expect(readPidFiles(home.path)).toMatchObject([{ role: 'temporal', pid: sleeper.pid }]);
});

test('a stranger with a recycled pid is not taken for ours', async () => {
  await using home = await temporaryHome();
  const stranger = await startSleeper();
  writePidFile(home.path, 'runner', stranger.pid);
  const file = join(home.path, 'pids', `runner-${stranger.pid}.pid`);
  const content = JSON.parse(readFileSync(file, 'utf8')) as { startedAt: string };
  writeFileSync(file, JSON.stringify({ ...content, startedAt: `${content.startedAt}0` }));
  expect(readPidFiles(home.path)).toEqual([]);
  expect(files(home.path)).toEqual([]);
});

test('a file that cannot be read is cleared away', async () => {
  await using home = await temporaryHome();
  using own = new DisposableStack();
  own.use(writePidFile(home.path, 'worker'));
  writeFileSync(join(home.path, 'pids', 'web-1.pid'), '{"pid": 1, "role"');
  expect(readPidFiles(home.path).map(({ role }) => role)).toEqual(['worker']);
  expect(files(home.path)).toEqual([`worker-${process.pid}.pid`]);
});

test('a zombie does not count as running', async () => {
  await using home = await temporaryHome();
  // The shell starts a child and becomes a program that never waits for it.
  const parent = spawn('/bin/sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const child = Number(line.toString());
  // A shell that is still a shell clears its dead children away.
  await vi.waitFor(() => expect(readFileSync(`/proc/${parent.pid}/comm`, 'utf8')).toBe('sleep\n'));
  writePidFile(home.path, 'runner', child);
  expect(readPidFiles(home.path)).toHaveLength(1);
  process.kill(child, 'SIGKILL');
  await vi.waitFor(() => expect(readPidFiles(home.path)).toEqual([]));
  // It is still there: only its parent could clear it away.
  expect(process.kill(child, 0)).toBe(true);
});

test('no file is written for a process that does not exist', async () => {
  await using home = await temporaryHome();
  expect(() => writePidFile(home.path, 'worker', 2 ** 22 + 1)).toThrow(/no process/);
});
