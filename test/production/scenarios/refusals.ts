import { cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '../api.ts';
import { check, heading } from '../check.ts';
import type { Stack } from '../stack.ts';

/** What must not start, says why, and leaves. */
export async function refusals(stack: Stack, app: string, folder: string): Promise<void> {
  heading('Refusals');
  await check('web does not start on 0.0.0.0 without a password', async () => {
    const { code, output } = await stack.runIn('web', ['node', 'dist/bin/web.js'], {
      HOST: '0.0.0.0',
      HOLDFAST_PASSWORD_FILE: '',
    });
    expect(code === 78 && output.includes('HOLDFAST_PASSWORD'), `exit code ${code}: ${output}`);
  });
  await check('workers do not start without the prebuilt bundle', async () => {
    const broken = join(folder, 'without-bundle');
    await cp(join(app, 'dist'), join(broken, 'dist'), { recursive: true });
    await cp(join(app, 'package.json'), join(broken, 'package.json'));
    // Node resolves packages upwards from here.
    await cp(join(app, 'node_modules'), join(broken, 'node_modules'), { recursive: true, verbatimSymlinks: true });
    await rm(join(broken, 'dist/workflow-bundle.js'));
    const { code, output } = await stack.runIn('worker', ['node', 'dist/bin/hard_worker.js'], {}, broken);
    expect(code === 1 && output.includes('npm run build'), `exit code ${code}: ${output}`);
    await rm(broken, { recursive: true });
  });
  await check('nothing of development is in the image', async () => {
    const packages = await readdir(join(app, 'node_modules'));
    expect(packages.includes('hono'), 'node_modules does not even hold hono');
    // What `npx holdfast dev` needs is there: an image of an application holds the same package.
    for (const name of ['tsx', 'typescript', 'vitest', 'oxlint', 'playwright-core'])
      expect(!packages.includes(name), `node_modules holds ${name}`);
  });
}
