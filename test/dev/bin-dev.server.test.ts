/** `bin/dev` end to end: the real Temporal dev server, with stand-ins for the web server and the workers. */
import { spawn } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { readPidFiles, type Role } from '../../src/process/pid-files.ts';
import { isListening } from '../../src/dev/ports.ts';
import { rip, type RipTarget } from '../../src/dev/rip.ts';
import { freePort } from '../support/free-port.ts';
import { kill } from '../support/kill.ts';
import { stackEnvironment, startProgram, type Program, type StackEnvironment } from '../support/stack.ts';

const PROCESSES = fileURLToPath(new URL('processes/', import.meta.url));
const BIN_DEV = fileURLToPath(new URL('../../bin/dev', import.meta.url));
const READY = 'Ctrl-C stops all.';
const START_MS = 30_000;

interface World extends StackEnvironment {
  readonly procfile: string;
  pid(role: Role): number | undefined;
}

async function setup(env: Record<string, string> = {}): Promise<World> {
  const stack = await stackEnvironment(inject('temporalCli'));
  onTestFinished(async () => {
    rip(stack.home, 'all');
    await rm(stack.home, { recursive: true, force: true });
  });
  const procfile = join(stack.home, 'Procfile');
  const lines = [
    'temporal: bin/temporal-server',
    `web: bin/node ${PROCESSES}web.ts`,
    `worker: bin/node ${PROCESSES}hard_worker.ts`,
  ];
  await writeFile(procfile, lines.join('\n'));
  return {
    ...stack,
    env: { ...stack.env, FORCE_COLOR: '0', ...env },
    procfile,
    pid: (role) => readPidFiles(stack.home, role)[0]?.pid,
  };
}

function startDev(world: World): Program {
  const program = startProgram('dev', ['--procfile', world.procfile], world.env);
  onTestFinished(async () => void (await program.stop()));
  return program;
}

async function printed(program: Pick<Program, 'output'>, text: string): Promise<void> {
  await vi.waitFor(() => expect(program.output()).toContain(text), { timeout: START_MS, interval: 20 });
}

/** Processes of this home, found by their environment: on Linux, what the pid files do not know is found too. */
function processesOf(home: string): string[] {
  if (process.platform !== 'linux') return readPidFiles(home).map(({ role }) => role);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`HOLDFAST_HOME=${home}\0`);
      } catch {
        return false; // It ended while we looked, or belongs to somebody else.
      }
    })
    .map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
}

/** What others may read, write or enter of what is in the home, but for the Procfile, which is the test's own. */
function openToOthers(home: string): string[] {
  const names = readdirSync(home, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name !== 'Procfile' && (lstatSync(join(home, name)).mode & 0o077) !== 0);
}

test('it says where everything is, starts again what is killed, and stops cleanly on SIGINT', async () => {
  // Its port is closed: whatever went through it would fail.
  const proxy = `http://127.0.0.1:${await freePort()}`;
  const world = await setup({ https_proxy: proxy, http_proxy: proxy, NODE_USE_ENV_PROXY: '1' });
  const program = startDev(world);
  await printed(program, READY);
  expect(program.output()).toContain(`App              ${world.url.replace('127.0.0.1', 'localhost')}\n`);
  expect(program.output()).toContain(`/?name=foo\n`);
  expect(program.output()).toContain(`Temporal Web UI  http://127.0.0.1:${world.env['HOLDFAST_TEMPORAL_UI_PORT']}\n`);

  const database = `temporal-${inject('temporalCliVersion')}.db`;
  expect(readdirSync(world.home)).toEqual(expect.arrayContaining([database, `${database}-wal`, 'temporal.log']));
  expect(openToOthers(world.home)).toEqual([]);

  const killed: [RipTarget, Role, string][] = [
    ['web', 'web', 'web was killed by SIGKILL; starting it again'],
    ['worker', 'worker', 'worker was killed by SIGKILL; starting it again'],
    ['temporal', 'temporal', 'was killed by SIGKILL.\n[temporal] temporal exited with code 1; starting it again'],
  ];
  for (const [target, role, line] of killed) {
    const before = world.pid(role);
    expect(rip(world.home, target)).toMatchObject([{ pid: before }]);
    await vi.waitFor(() => expect(world.pid(role) ?? before).not.toBe(before), { timeout: START_MS });
    expect(program.output()).toContain(line);
  }
  await vi.waitFor(async () => expect(await isListening(world.temporalAddress, 1_000)).toBe(true), {
    timeout: START_MS,
  });

  process.kill(program.pid, 'SIGINT');
  // As npm does: the terminal's own, and one that is passed on.
  await delay(20);
  process.kill(program.pid, 'SIGINT');
  expect(await program.ended).toBe(0);
  expect(program.output()).toContain('[worker  ] worker has drained, Temporal still answered\n');
  expect(processesOf(world.home)).toEqual([]);
  expect(readdirSync(join(world.home, 'pids'))).toEqual([]);
});

test('a second Ctrl-C hurries those that are still stopping, and the exit code tells', async () => {
  const world = await setup({ WORKER_DRAINS_FOR_MS: '60000' });
  const program = startDev(world);
  await printed(program, READY);
  process.kill(program.pid, 'SIGINT');
  await printed(program, 'worker got SIGTERM');
  await delay(1_200);
  process.kill(program.pid, 'SIGINT');
  expect(await program.ended).toBe(1);
  expect(program.output()).toContain('worker hurries');
  expect(processesOf(world.home)).toEqual([]);
});

test('all killed at once come back', async () => {
  const world = await setup();
  const program = startDev(world);
  await printed(program, READY);
  const before = rip(world.home, 'all').map(({ role }) => role);
  expect(before).toEqual(['temporal-server', 'worker', 'web', 'temporal']);
  await vi.waitFor(
    () =>
      expect(
        readPidFiles(world.home)
          .map(({ role }) => role)
          .sort(),
      ).toEqual([...before, 'dev'].sort()),
    { timeout: START_MS },
  );
  expect(await program.stop()).toBe(0);
  expect(processesOf(world.home)).toEqual([]);
});

test('Ctrl-C in a terminal asks every process once', async () => {
  const world = await setup();
  const pty = 'import os,pty,sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';
  const terminal = spawn('python3', ['-c', pty, BIN_DEV, '--procfile', world.procfile], { env: world.env });
  onTestFinished(() => void terminal.kill('SIGKILL'));
  let output = '';
  terminal.stdout.on('data', (chunk) => (output += String(chunk)));
  await printed({ output: () => output }, READY);

  terminal.stdin.write('\u0003');
  await vi.waitFor(() => expect(terminal.exitCode).toBe(0), { timeout: START_MS });
  expect(output.match(/worker got \w+/g)).toEqual(['worker got SIGTERM']);
  expect(output).toContain('worker has drained, Temporal still answered');
  expect(processesOf(world.home)).toEqual([]);
});

test('bin/dev | head stops all, since nobody watches any more', async () => {
  const world = await setup();
  const shell = spawn('bash', ['-c', '"$0" "$@" | head -1', BIN_DEV, '--procfile', world.procfile], {
    env: world.env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void shell.kill('SIGKILL'));
  let output = '';
  shell.stdout.on('data', (chunk) => (output += String(chunk)));
  await vi.waitFor(() => expect(shell.exitCode).toBe(0), { timeout: START_MS });
  expect(output.trimEnd().split('\n')).toHaveLength(1);
  expect(processesOf(world.home)).toEqual([]);
});

test('what a killed bin/dev left running: web is named, Temporal is taken over', async () => {
  const world = await setup();
  const first = startDev(world);
  await printed(first, READY);
  kill(first.pid);
  await first.ended;
  const second = startDev(world);
  expect(await second.ended).toBe(1);
  expect(second.output()).toContain(`is held by the web process of this home, pid ${world.pid('web')}`);

  const temporal = world.pid('temporal');
  kill(world.pid('temporal-server'));
  rip(world.home, 'web');
  rip(world.home, 'worker');
  const third = startDev(world);
  await printed(third, `(pid ${temporal}) still runs at ${world.temporalAddress}: taking it over.`);
  await printed(third, READY);
  expect(await third.stop()).toBe(0);
  expect(processesOf(world.home)).toEqual([]);
});

test('a server that answers at TEMPORAL_ADDRESS is used, and lives on', async () => {
  const address = inject('temporalAddress');
  const world = await setup({ TEMPORAL_ADDRESS: address });
  const program = startDev(world);
  await printed(program, `A Temporal server answers at ${address}, namespace default: using that one.`);
  await printed(program, READY);
  expect(world.pid('temporal')).toBeUndefined();
  expect(await program.stop()).toBe(0);
  expect(await isListening(address, 1_000)).toBe(true);
});
