import { execFile, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { writePidFile, type Role } from '../../src/process/pid-files.ts';
import { rip } from '../../src/dev/rip.ts';
import { OF_A_SERVICE, startSleeper } from '../support/sleeper.ts';
import { temporaryHome } from '../support/temporary-home.ts';

const BIN_RIP = fileURLToPath(new URL('../../bin/rip', import.meta.url));

/** Real processes in these roles, with pid files. */
async function setup(home: string, ...roles: Role[]): Promise<{ role: Role; child: ChildProcess }[]> {
  return setupAs(undefined, home, ...roles);
}

async function setupAs(
  commands: Parameters<typeof startSleeper>[1],
  home: string,
  ...roles: Role[]
): Promise<{ role: Role; child: ChildProcess }[]> {
  return Promise.all(
    roles.map(async (role) => {
      const { child, pid } = await startSleeper(role, commands);
      const file = writePidFile(home, role, pid);
      onTestFinished(() => file[Symbol.dispose]());
      return { role, child };
    }),
  );
}

/** Roles of those that are gone, once all that were killed are. */
async function dead(processes: { role: Role; child: ChildProcess }[], killed: { pid: number }[]): Promise<Role[]> {
  for (const { child } of processes)
    if (killed.some(({ pid }) => pid === child.pid) && child.signalCode === null) await once(child, 'exit');
  return processes.filter(({ child }) => child.signalCode === 'SIGKILL').map(({ role }) => role);
}

test('worker is the worker, first, with all its runners, and nothing else', async () => {
  await using home = await temporaryHome();
  const processes = await setup(home.path, 'runner', 'web', 'runner', 'worker', 'temporal');
  const killed = rip(home.path, 'worker');
  expect(killed.map(({ role }) => role)).toEqual(['worker', 'runner', 'runner']);
  expect(await dead(processes, killed)).toEqual(['runner', 'runner', 'worker']);
});

test('one runner leaves its worker and the other runners alone', async () => {
  await using home = await temporaryHome();
  const processes = await setup(home.path, 'runner', 'worker', 'runner');
  const killed = rip(home.path, 'worker', { one: true });
  expect(await dead(processes, killed)).toEqual(['runner']);
});

test('temporal is the server, not the process that looks after it', async () => {
  await using home = await temporaryHome();
  const processes = await setup(home.path, 'temporal', 'temporal-server');
  expect(await dead(processes, rip(home.path, 'temporal'))).toEqual(['temporal']);
});

test('all spares only bin/dev, which starts them again', async () => {
  await using home = await temporaryHome();
  const processes = await setup(home.path, 'dev', 'temporal', 'temporal-server', 'web', 'worker', 'runner');
  const killed = rip(home.path, 'all');
  expect(await dead(processes, killed)).toEqual(['temporal', 'temporal-server', 'web', 'worker', 'runner']);
});

test('the programs of a service with jobs of its own are found too', async () => {
  await using home = await temporaryHome();
  const processes = await setupAs(OF_A_SERVICE, home.path, 'dev', 'temporal-server', 'web', 'worker', 'runner');
  const killed = rip(home.path, 'all');
  expect(await dead(processes, killed)).toEqual(['temporal-server', 'web', 'worker', 'runner']);
});

test('a stranger that got the pid of a dead worker lives on', async () => {
  await using home = await temporaryHome();
  const [stranger] = await setup(home.path, 'worker');
  const file = join(home.path, 'pids', `worker-${stranger?.child.pid}.pid`);
  const content = JSON.parse(readFileSync(file, 'utf8')) as { startedAt: string };
  writeFileSync(file, JSON.stringify({ ...content, startedAt: 'long ago' }));
  expect(rip(home.path, 'worker')).toEqual([]);
  expect(stranger?.child.kill(0)).toBe(true);
});

test.each<[string, Role | undefined, object]>([
  ['runs something else', undefined, {}],
  ['is another of our programs', 'web', {}],
  ['works in another folder', 'worker', { root: '/somewhere/else' }],
])('a process that %s than its file says lives on, and is told of', async (_, runs, forged) => {
  await using home = await temporaryHome();
  const { child, pid } = await startSleeper(runs);
  const pidFile = writePidFile(home.path, 'worker', pid);
  onTestFinished(() => pidFile[Symbol.dispose]());
  const file = join(home.path, 'pids', `worker-${pid}.pid`);
  writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), ...forged }));
  const doubts: string[] = [];
  expect(rip(home.path, 'all', { onDoubt: ({ why }) => doubts.push(why) })).toEqual([]);
  expect(doubts).toEqual([expect.stringMatching(/^it (runs|works in) /)]);
  expect(child.kill(0)).toBe(true);
});

// Only root may give a file away.
test.runIf(process.geteuid?.() === 0)('root does not kill for a file of another user', async () => {
  await using home = await temporaryHome();
  const [worker] = await setup(home.path, 'worker');
  chownSync(join(home.path, 'pids', `worker-${worker?.child.pid}.pid`), 65_534, 65_534);
  const doubts: string[] = [];
  expect(rip(home.path, 'worker', { onDoubt: ({ why }) => doubts.push(why) })).toEqual([]);
  expect(doubts).toEqual(['it is user 0’s, and the file user 65534’s']);
  expect(worker?.child.kill(0)).toBe(true);
});

test('bin/rip says what it leaves alone', async () => {
  await using home = await temporaryHome();
  const { pid } = await startSleeper();
  const file = writePidFile(home.path, 'web', pid);
  onTestFinished(() => file[Symbol.dispose]());
  const run = promisify(execFile)(BIN_RIP, ['web'], { env: { ...process.env, HOLDFAST_HOME: home.path } });
  await expect(run).rejects.toMatchObject({
    code: 1,
    stderr:
      `Left pid ${pid} alone: its pid file says that it is web, but it runs sleep 60.\n` +
      `Nothing to kill: no web process of the home ${home.path} is running.\n`,
  });
});

test('bin/rip says what it killed, and fails with a sentence when there is nothing', async () => {
  await using home = await temporaryHome();
  const [web] = await setup(home.path, 'web');
  const run = (...args: string[]): Promise<{ stdout: string }> =>
    promisify(execFile)(BIN_RIP, args, { env: { ...process.env, HOLDFAST_HOME: home.path } });
  expect((await run('web')).stdout).toBe(`Killed web (pid ${web?.child.pid}).\n`);
  await expect(run('web')).rejects.toMatchObject({
    code: 1,
    stderr: `Nothing to kill: no web process of the home ${home.path} is running.\n`,
  });
});
