/** The one logger of a process: JSON for machines, or one readable line for people in development. No process waits for its log. */
import { pino, type Logger } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { Config } from './config/config.ts';
import { openOutput } from './process/output.ts';

/**
 * Writes to standard output at once, as far as somebody reads: a pipe that is full keeps the next MiB in memory, and what comes then is
 * lost and counted.
 * @param role what the process is: `web`, `worker`, `runner`
 */
export function createLogger({ production, logLevel }: Pick<Config, 'production' | 'logLevel'>, role: string): Logger {
  const format = production
    ? (line: string) => line
    : prettyFactory({ translateTime: 'SYS:HH:MM:ss.l', ignore: 'role,pid,event', singleLine: true });
  const output = openOutput(process.stdout, (lines) =>
    log.warn({ event: 'log.lines_lost', lines }, 'lines of this log are lost, since nobody read it'),
  );
  const destination = {
    write: (line: string) => output.write(format(line)),
    async flush(done: () => void) {
      await output.flush();
      done();
    },
  };
  const log = pino({ level: logLevel, base: { role, pid: process.pid } }, destination);
  return log;
}

/** Before `process.exit`: resolves when the last lines are written, after half a second at the latest. */
export function flushLog(log: Logger): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  log.flush(() => resolve());
  return promise;
}
