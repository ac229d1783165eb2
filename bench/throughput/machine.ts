/** What a figure depends on besides the code: said above the table. */
import { execFile } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TemporalCli } from '../../src/dev/temporal-cli.ts';

/** Linux's `statfs` says so of a file system in memory. */
const TMPFS = 0x01021994;

/** One line each. */
export async function describeMachine(cli: TemporalCli): Promise<string[]> {
  const processors = cpus();
  const model = processors[0]?.model ?? 'unknown CPU';
  const [load = 0] = loadavg();
  const lines = [
    `${processors.length} × ${model}, load ${load.toFixed(2)}; Node ${process.versions.node}, Temporal CLI ${cli.version}, ${await commit()}`,
  ];
  // Databases are made there, and a full sync of memory costs nothing.
  if ((await statfs(tmpdir())).type === TMPFS)
    lines.push(`${tmpdir()} is in memory: set TMPDIR to a folder on a disk, or the figures are too good.`);
  return lines;
}

async function commit(): Promise<string> {
  const git = promisify(execFile);
  const folder = { cwd: fileURLToPath(new URL('.', import.meta.url)) };
  try {
    const { stdout: revision } = await git('git', ['rev-parse', '--short', 'HEAD'], folder);
    const { stdout: changes } = await git('git', ['status', '--porcelain'], folder);
    return `commit ${revision.trim()}${changes === '' ? '' : ' and changes'}`;
  } catch {
    return 'no commit';
  }
}
