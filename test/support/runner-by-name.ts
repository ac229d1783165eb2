/** The process of a runner of a test's own, whose jobs do as their names say. */
import { pino } from 'pino';
import { runRunner } from '../../src/runner/run-runner.ts';
import { workOf, type Greet } from './kinds.ts';

export function runByName(work: Greet): void {
  runRunner({
    loadConfig: async () => ({ jobs: workOf(work).catalogue.jobs }),
    log: pino({ level: 'silent' }),
  }).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  });
}
