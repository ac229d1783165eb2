import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { installPinnedTool, pinnedVersion, type PinnedTool, type ToolFolder } from '../../src/dev/pinned-tool.ts';
import { findTemporalCli, TEMPORAL_CLI } from '../../src/dev/temporal-cli.ts';
import { buildWheel } from '../support/python-wheel.ts';
import { temporaryHome, type TemporaryHome } from '../support/temporary-home.ts';

const SCRIPT = '#!/bin/sh\necho it runs\n';

interface World {
  readonly tool: PinnedTool;
  readonly folder: ToolFolder;
  readonly notes: string[];
  readonly wheels: string;
}

/** A tool whose pin names this hash, or the right one, and a folder of wheels instead of the network. */
async function setup(home: TemporaryHome, hash?: string): Promise<World> {
  const wheels = join(home.path, 'wheels');
  await mkdir(wheels);
  const rightHash = await buildWheel(wheels, 'holdfast-test-tool', '1.2.3', SCRIPT);
  const pinFile = join(home.path, 'pin.txt');
  const requirement = `holdfast-test-tool==1.2.3 \\\n    --hash=sha256:${hash ?? rightHash}\n`;
  await writeFile(pinFile, `--no-index\n--find-links ${wheels}\n${requirement}`);
  const notes: string[] = [];
  const note = (message: string): void => void notes.push(message);
  const folder = { home: home.path, searchPath: process.env['PATH'], note };
  return { tool: { name: 'holdfast-test-tool', pinFile }, folder, notes, wheels };
}

async function installed(home: TemporaryHome): Promise<string[]> {
  const entries = await readdir(join(home.path, 'tools'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

test('a pinned tool is fetched once, and runs', async () => {
  await using home = await temporaryHome();
  const { tool, folder, notes, wheels } = await setup(home);
  const path = await installPinnedTool(tool, folder);
  expect(path).toBe(join(home.path, 'tools', 'holdfast-test-tool', '1.2.3', 'holdfast-test-tool'));
  expect((await promisify(execFile)(path)).stdout).toBe('it runs\n');
  expect(await installed(home)).toEqual(['holdfast-test-tool']);

  await rm(wheels, { recursive: true });
  expect(await installPinnedTool(tool, folder)).toBe(path);
  expect(notes).toEqual([`Fetching holdfast-test-tool 1.2.3 into ${join(home.path, 'tools')} (once) …`]);
});

test('a file with another hash is refused, and nothing of it stays', async () => {
  await using home = await temporaryHome();
  const { tool, folder } = await setup(home, 'a'.repeat(64));
  await expect(installPinnedTool(tool, folder)).rejects.toThrow(
    /pip could not fetch holdfast-test-tool 1\.2\.3, or refused what it got:[^]*Expected sha256 a{64}/,
  );
  expect(await installed(home)).toEqual([]);
});

test('two starts at the same time both get the whole tool', async () => {
  await using home = await temporaryHome();
  const { tool, folder } = await setup(home);
  const [one, two] = await Promise.all([installPinnedTool(tool, folder), installPinnedTool(tool, folder)]);
  expect(one).toBe(two);
  expect(await readFile(one, 'utf8')).toBe(SCRIPT);
  expect(await installed(home)).toEqual(['holdfast-test-tool']);
});

test('without Python and pip the message says what to install', async () => {
  await using home = await temporaryHome();
  const { tool, folder } = await setup(home);
  await expect(installPinnedTool(tool, { ...folder, searchPath: join(home.path, 'empty') })).rejects.toThrow(
    /no Python 3 with pip on PATH[^]*apt install python3-pip/,
  );
});

test('an older Temporal CLI on PATH is passed over with a note, a newer one used', async () => {
  await using home = await temporaryHome();
  const { folder, notes } = await setup(home);
  const pinned = await pinnedVersion(TEMPORAL_CLI);
  const ours = join(home.path, 'tools', 'temporal', pinned, 'temporal');
  const theirs = join(home.path, 'bin', 'temporal');
  await Promise.all([mkdir(dirname(ours), { recursive: true }), mkdir(join(home.path, 'bin'))]);
  await writeFile(ours, SCRIPT, { mode: 0o755 });
  const onPath = { ...folder, searchPath: join(home.path, 'bin') };

  await writeFile(theirs, '#!/bin/sh\necho temporal version 1.2.0\n', { mode: 0o755 });
  expect(await findTemporalCli(onPath)).toEqual({ path: ours, version: pinned });
  expect(notes).toEqual([`${theirs} is version 1.2.0; Holdfast needs ${pinned} or newer and uses its own copy.`]);

  await writeFile(theirs, '#!/bin/sh\necho temporal version 1.100.0\n', { mode: 0o755 });
  expect(await findTemporalCli(onPath)).toEqual({ path: theirs, version: '1.100.0' });
});
