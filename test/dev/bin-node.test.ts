import { execFile } from 'node:child_process';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { temporaryHome, type TemporaryHome } from '../support/temporary-home.ts';

const BIN_NODE = fileURLToPath(new URL('../../bin/node', import.meta.url));

/** A folder from which `bin/node` is called through a link, with a script, and a Node of some version on PATH. */
async function setup(home: TemporaryHome, nodeVersion: string): Promise<(env?: object) => Promise<unknown>> {
  const bin = join(home.path, 'bin');
  await mkdir(bin);
  await symlink(BIN_NODE, join(home.path, 'link'));
  await writeFile(
    join(bin, 'node'),
    `#!/bin/sh\n[ "$1" = --version ] && echo ${nodeVersion} || echo '"ran on the Node of PATH"'\n`,
  );
  await chmod(join(bin, 'node'), 0o755);
  const script = join(home.path, 'script.mts');
  await writeFile(
    script,
    `const said: object = { version: process.version, cwd: process.cwd(), args: process.argv.slice(2) };
    console.log(JSON.stringify(said));`,
  );
  return async (env = {}) => {
    const { stdout } = await promisify(execFile)(join(home.path, 'link'), [script, 'a b'], {
      cwd: home.path,
      env: { ...process.env, PATH: `${bin}:${process.env['PATH']}`, HOLDFAST_HOME: home.path, ...env },
    });
    return JSON.parse(stdout);
  };
}

/** Puts this Node where a fetched one would be. */
async function fetched(home: TemporaryHome): Promise<void> {
  const folder = join(home.path, 'node', 'node_modules', '.bin');
  await mkdir(folder, { recursive: true });
  await symlink(process.execPath, join(folder, 'node'));
}

test.each(['v20.20.2', 'v22.23.3'])('%s on PATH is too old: the fetched Node runs the script', async (version) => {
  await using home = await temporaryHome();
  const run = await setup(home, version);
  await fetched(home);
  // Called through a link, from another folder, with an argument that holds a blank.
  expect(await run()).toEqual({ version: process.version, cwd: home.path, args: ['a b'] });
});

test.each(['v24.0.0', 'v26.1.0', 'v100.0.0'])('%s on PATH is new enough', async (version) => {
  await using home = await temporaryHome();
  const run = await setup(home, version);
  expect(await run()).toBe('ran on the Node of PATH');
});
