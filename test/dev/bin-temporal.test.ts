import { execFile } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { temporaryHome } from '../support/temporary-home.ts';

const BIN_TEMPORAL = fileURLToPath(new URL('../../bin/temporal', import.meta.url));

/** A newer CLI than ours, which tells how it was called and which signals it ignores, as the bits of a mask, lowest first. */
const CLI = `#!/bin/sh
[ "$1" = --version ] && echo 'temporal version 99.0.0' && exit
for argument; do echo "argument $argument"; done
echo "address $TEMPORAL_ADDRESS namespace $TEMPORAL_NAMESPACE"
sed -n 's/^SigIgn:.*\\(.\\)$/ignores \\1/p' /proc/self/status
exit 7
`;

async function run(command: string, ...args: string[]): Promise<{ code: number; stdout: string }> {
  await using home = await temporaryHome();
  const bin = join(home.path, 'b i n');
  await mkdir(bin);
  await writeFile(join(bin, 'temporal'), CLI);
  await chmod(join(bin, 'temporal'), 0o755);
  const env = {
    PATH: [bin, dirname(process.execPath), process.env['PATH']].join(delimiter),
    HOLDFAST_HOME: home.path,
    HOLDFAST_TEMPORAL_PORT: '7300',
    TEMPORAL_NAMESPACE: 'jobs',
  };
  return await promisify(execFile)('/bin/sh', ['-c', command, BIN_TEMPORAL, ...args], { env }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    ({ code, stdout }: { code: number; stdout: string }) => ({ code, stdout }),
  );
}

test('bin/temporal is Temporal’s CLI with the address and namespace of this home, and ends as it does', async () => {
  const { code, stdout } = await run('exec "$0" "$@"', 'workflow', 'list --help', '--query=JobQueue = "x"');
  expect(stdout.split('\n').slice(0, 4)).toEqual([
    'argument workflow',
    'argument list --help',
    'argument --query=JobQueue = "x"',
    'address 127.0.0.1:7300 namespace jobs',
  ]);
  expect(code).toBe(7);
});

test('under nohup it stays alive when the terminal hangs up', async () => {
  expect((await run('exec "$0"')).stdout).toMatch(/ignores [02468ace]\n$/);
  expect((await run('trap \'\' HUP; exec "$0"')).stdout).toMatch(/ignores [13579bdf]\n$/);
});
