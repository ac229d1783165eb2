/** Temporal's CLI, which holds the dev server, and the time-skipping test server: from PATH, else pinned and fetched. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { installPinnedTool, pinnedVersion, type PinnedTool, type ToolFolder } from './pinned-tool.ts';
import { findOnPath } from '../process/find-on-path.ts';

export interface TemporalCli {
  readonly path: string;
  /** Such as `1.9.1`. The dev server's database file is named after it, since files are not migrated between versions. */
  readonly version: string;
}

export const TEMPORAL_CLI: PinnedTool = { name: 'temporal', pinFile: pinFile('temporal.txt') };
const TEMPORAL_TEST_SERVER: PinnedTool = {
  name: 'temporal-test-server',
  pinFile: pinFile('temporal-test-server.txt'),
};

/** An older CLI on PATH is left alone and the pinned one fetched, because its server lacks calls that we make. */
export async function findTemporalCli(folder: ToolFolder): Promise<TemporalCli> {
  const pinned = await pinnedVersion(TEMPORAL_CLI);
  const onPath = await findOnPath('temporal', folder.searchPath);
  if (onPath !== undefined) {
    const version = await versionOf(onPath);
    if (version !== undefined && version.localeCompare(pinned, 'en', { numeric: true }) >= 0)
      return { path: onPath, version };
    folder.note(
      `${onPath} is version ${version ?? 'unknown'}; Holdfast needs ${pinned} or newer and uses its own copy.`,
    );
  }
  return { path: await installPinnedTool(TEMPORAL_CLI, folder), version: pinned };
}

/** Only tests need it. @returns its path */
export async function findTemporalTestServer(folder: ToolFolder): Promise<string> {
  return (
    (await findOnPath(TEMPORAL_TEST_SERVER.name, folder.searchPath)) ??
    (await installPinnedTool(TEMPORAL_TEST_SERVER, folder))
  );
}

async function versionOf(cli: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(cli, ['--version']);
    return /version (?<version>\d+\.\d+\.\d+)/.exec(stdout)?.groups?.['version'];
  } catch {
    return undefined;
  }
}

function pinFile(name: string): string {
  return fileURLToPath(new URL(`pins/${name}`, import.meta.url));
}
