// A pool of runners whose process has no file descriptor left for a while. Started by its test: node out-of-files.ts ENTRY
import { closeSync, openSync } from 'node:fs';
import { pino } from 'pino';
import type { AttemptEnd } from '../../../src/contract/job-events.ts';
import { RunnerPool } from '../../../src/worker/runners/runner-pool.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
// The module of `process.stdout` is loaded with its first line.
process.stdout.write('');

const taken: number[] = [];
try {
  for (;;) taken.push(openSync('/dev/null', 'r'));
} catch (error) {
  say((error as NodeJS.ErrnoException).code ?? 'no code');
}
await using pool = new RunnerPool({
  program: { entry: process.argv[2] ?? '', args: [], env: process.env },
  processes: 1,
  worker: 'worker-1',
  maxBusyMs: 60_000,
  log: pino({ level: 'silent' }),
});

async function run(): Promise<AttemptEnd> {
  const { promise, resolve } = Promise.withResolvers<AttemptEnd>();
  const of = {
    jobId: 'job-1',
    kind: 'NameWorkflow',
    queue: 'default',
    number: 1,
    dueAt: 0,
    args: { name: 'x' },
  } as const;
  pool.run(of, { begun: () => undefined, changed: () => undefined, ended: resolve, over: () => undefined });
  return promise;
}

say((await run()).as);
for (const fd of taken) closeSync(fd);
await pool.ready();
say((await run()).as);
