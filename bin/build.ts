/** `npm run build`: everything that production runs, besides its dependencies, goes into `dist/`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { buildBundle } from '../src/worker/workflow-bundle.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

// Whole and new: what an older build left behind must not keep a broken one running.
await rm(`${ROOT}dist`, { recursive: true, force: true });
await compile();
await cp(`${ROOT}src/web/assets`, `${ROOT}dist/src/web/assets`, { recursive: true });
await cp(`${ROOT}src/dev/pins`, `${ROOT}dist/src/dev/pins`, { recursive: true });
await buildBundle(`${ROOT}dist/workflow-bundle.js`);

async function compile(): Promise<void> {
  const compiler = spawn(`${ROOT}node_modules/.bin/tsc`, ['-p', 'tsconfig.build.json'], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  const [code] = await once(compiler, 'exit');
  if (code !== 0) {
    process.stderr.write('Nothing was built: the types are wrong, see above.\n');
    process.exit(1);
  }
}
