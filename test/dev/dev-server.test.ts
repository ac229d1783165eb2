import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDevServer } from '../../src/dev/dev-server.ts';
import { freePort } from '../support/free-port.ts';
import { temporaryHome } from '../support/temporary-home.ts';

test('one that ends while it starts is started again, and at last it is said what it said', async () => {
  await using home = await temporaryHome();
  const path = join(home.path, 'temporal');
  await writeFile(path, `#!/bin/sh\necho try >> ${home.path}/tries\necho 'panic: no luck' >&2\nexit 2\n`);
  await chmod(path, 0o755);
  const starting = startDevServer({ cli: { path, version: '1.0.0' }, home: home.path, port: await freePort() });
  await expect(starting).rejects.toThrow(/exited with code 2 while starting\. .*temporal\.log\):\n… panic: no luck/);
  expect(await readFile(join(home.path, 'tries'), 'utf8')).toBe('try\ntry\ntry\n');
});
