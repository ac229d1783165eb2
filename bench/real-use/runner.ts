// A runner whose jobs do as their names say: "sleep 3000", "compute 60000", "report 60000", "kill", "exit", "throw", "hang".
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import type { writeReport } from '../../src/demo/jobs/write-report.ts';
import type { Attempt } from '../../src/kinds/job-definition.ts';
import type { ArgsOf } from '../../src/kinds/job-definition.ts';
import { runRunner } from '../../src/runner/run-runner.ts';
import { workOf, type Greet } from '../../test/support/kinds.ts';

const [runs = ''] = process.argv.slice(2);
/** Between two checkpoints. @format milliseconds */
const STEP_MS = 100;

const asNamed: Greet = async ({ name }, attempt) => {
  appendFileSync(runs, `${attempt.jobId} ${Date.now()} ${process.pid}\n`);
  const [what, ms = '0'] = name.split(' ');
  if (what === 'sleep') await sleep(Number(ms), undefined, { signal: attempt.signal });
  if (what === 'compute') for (const until = performance.now() + Number(ms); performance.now() < until;);
  // Guilty ones let their neighbours begin first.
  if (what === 'kill' || what === 'exit' || what === 'throw') await sleep(500);
  if (what === 'kill') process.kill(process.pid, 'SIGKILL');
  if (what === 'exit') process.exit(0);
  if (what === 'throw') {
    setTimeout(() => {
      throw new Error('nobody catches this');
    }, 10);
    await sleep(1_000);
  }
  if (what === 'hang') await new Promise(() => {});
  return name;
};

async function report({ rows }: ArgsOf<typeof writeReport>, attempt: Attempt): Promise<object> {
  appendFileSync(runs, `${attempt.jobId} ${Date.now()} ${process.pid}\n`);
  let row = Number(attempt.checkpoint ?? 0);
  for (; row < rows; row += 1) {
    attempt.progress(row, rows, row);
    await sleep(STEP_MS, undefined, { signal: attempt.signal });
  }
  return { file: 'none', rows };
}

const { catalogue } = workOf(asNamed, report);
await runRunner({ loadConfig: async () => ({ jobs: catalogue.jobs }), log: pino({ level: 'silent' }) });
