/** The process of a runner of a test's own, whose jobs do as their names say. */
import { pino } from 'pino';
import type { Handler } from '../../src/activities/handler.ts';
import { runRunner } from '../../src/runner/run-runner.ts';

export function runByName(work: Handler<'NameWorkflow'>): void {
  runRunner({
    handlers: {
      NameWorkflow: work,
      WriteReport: async () => {
        throw new Error('nobody asked for a report');
      },
    },
    log: pino({ level: 'silent' }),
  });
}
