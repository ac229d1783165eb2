/** What the Dockerfile's last stage holds, in a folder. */
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export async function buildImageFolder(root: string, folder: string): Promise<void> {
  await run('npm', ['run', 'build'], { cwd: root });
  await mkdir(folder, { recursive: true });
  for (const name of ['package.json', 'package-lock.json']) await cp(join(root, name), join(folder, name));
  await run('npm', ['ci', '--omit=dev', '--no-fund', '--no-audit'], { cwd: folder, maxBuffer: 2 ** 24 });
  await cp(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
  await chmod(folder, 0o755);
}
