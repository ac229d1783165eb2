// A pool of runners whose process has no file descriptor left for a while. Started by its test: node out-of-files.ts ENTRY
import { closeSync, openSync } from 'node:fs';
import { pino } from 'pino';
import { RunnerPool } from '../../../src/worker/runners/runner-pool.ts';
import { runOne } from './run-one.ts';

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

say((await runOne(pool)).as);
for (const fd of taken) closeSync(fd);
await pool.ready();
say((await runOne(pool)).as);
