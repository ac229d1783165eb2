/** The example runs as a user runs it: against what `npm run build` makes, with a worker somewhere else. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, inject, test } from 'vitest';
import { jobsWorld } from '../support/jobs-world.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

test('enqueues one and a thousand, finds a repeat, and sees a job through', async () => {
  await run(`${ROOT}bin/node`, ['bin/build.ts'], { cwd: ROOT });
  const cli = { path: inject('temporalCli'), version: inject('temporalCliVersion') };
  await using world = await jobsWorld(cli, inject('workflowBundlePath'));
  const env = { ...process.env, TEMPORAL_ADDRESS: world.address };
  const { stdout } = await world.withWorkers(() => run(`${ROOT}bin/node`, ['examples/enqueue.ts'], { cwd: ROOT, env }));
  expect(stdout).toContain(', which is scheduled\n');
  expect(stdout).toContain('enqueued 1000 more\n');
  expect(stdout).toContain('the same job: true, started twice: false\n');
  expect(stdout).toMatch(/name-[-\da-f]+ is done: Hello, foo\n/);
  expect(stdout).toContain('it said 10 characters: Hello, foo\n');
  expect(stdout).toContain('no job has the id no-such-job');
}, 120_000);
