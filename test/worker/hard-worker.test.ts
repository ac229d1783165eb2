/** The program as an operator starts it, where it cannot go on. Needs no Temporal. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryHome } from '../support/temporary-home.ts';

const HARD_WORKER = fileURLToPath(new URL('../../bin/hard_worker', import.meta.url));

test('a production worker without its bundle says in one sentence what to do and exits, though Temporal is away', async () => {
  await using home = await temporaryHome();
  const child = spawn(HARD_WORKER, [], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Nobody listens on port 1.
    env: { ...process.env, NODE_ENV: 'production', HOLDFAST_HOME: home.path, TEMPORAL_ADDRESS: '127.0.0.1:1' },
  });
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  expect(said).toMatch(/^There is no workflow bundle at .+: run "npm run build" first\.\n$/);
  expect(code).toBe(1);
});
