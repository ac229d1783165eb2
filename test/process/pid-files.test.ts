import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
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

test('a folder of pid files that is a link is refused by a sentence, and nothing happens where it leads', async () => {
  await using home = await temporaryHome();
  await using elsewhere = await temporaryHome();
  writeFileSync(join(elsewhere.path, 'web-1.pid'), 'precious');
  symlinkSync(elsewhere.path, join(home.path, 'pids'));
  const sentence = `${join(home.path, 'pids')} is a symbolic link, which Holdfast does not follow. Remove it and start again.`;
  expect(() => writePidFile(home.path, 'web')).toThrow(sentence);
  expect(() => readPidFiles(home.path)).toThrow(sentence);
  expect(readdirSync(elsewhere.path)).toEqual(['web-1.pid']);
});

test('a link in the place of a pid file is not followed, by reading or by writing', async () => {
  await using home = await temporaryHome();
  const pids = join(home.path, 'pids');
  const precious = join(home.path, 'precious');
  writeFileSync(precious, 'precious');
  mkdirSync(pids);
  const names = [`web-${process.pid}.pid`, `web-${process.pid}.pid.new`, 'worker-1.pid'];
  for (const name of names) symlinkSync(precious, join(pids, name));
  expect(readPidFiles(home.path)).toEqual([]);
  expect(files(home.path).toSorted()).toEqual(names.toSorted());
  using own = new DisposableStack();
  own.use(writePidFile(home.path, 'web'));
  expect(readFileSync(precious, 'utf8')).toBe('precious');
  expect(readPidFiles(home.path).map(({ role }) => role)).toEqual(['web']);
});

test('only files with the names of pid files are cleared away', async () => {
  await using home = await temporaryHome();
  using own = new DisposableStack();
  own.use(writePidFile(home.path, 'web'));
  const others = ['postgres-1.pid', 'web-x.pid', 'web.pid'];
  for (const name of others) writeFileSync(join(home.path, 'pids', name), '');
  mkdirSync(join(home.path, 'pids', 'web-2.pid'));
  expect(readPidFiles(home.path)).toHaveLength(1);
  expect(files(home.path)).toEqual(expect.arrayContaining([...others, 'web-2.pid']));
});

test('a file under the name of another is no pid file', async () => {
  await using home = await temporaryHome();
  using own = new DisposableStack();
  own.use(writePidFile(home.path, 'web'));
  const file = join(home.path, 'pids', `web-${process.pid}.pid`);
  copyFileSync(file, join(home.path, 'pids', `worker-${process.pid}.pid`));
  expect(readPidFiles(home.path).map(({ role }) => role)).toEqual(['web']);
});

test('the folder that a process works in is noted, not that of whoever writes its file', async () => {
  await using home = await temporaryHome();
  const child = spawn('sleep', ['60'], { cwd: home.path, stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'spawn');
  writePidFile(home.path, 'temporal', child.pid);
  // TemporalLinks than on Linux the system does not say.
  const root = process.platform === 'linux' ? home.path : process.cwd();
  expect(readPidFiles(home.path)).toMatchObject([{ role: 'temporal', root }]);
});

test('no file is written for a process that does not exist', async () => {
  await using home = await temporaryHome();
  expect(() => writePidFile(home.path, 'worker', 2 ** 22 + 1)).toThrow(/no process/);
});
