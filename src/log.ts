/** The one logger of a process: JSON for machines, or one readable line for people in development. */
import { pino, type Logger } from 'pino';
import { build } from 'pino-pretty';
import type { Config } from './config.ts';

/** @param role what the process is: `web`, `keeper`, `worker` */
export function createLogger({ production, logLevel }: Config, role: string): Logger {
  const options = { level: logLevel, base: { role, pid: process.pid } };
  if (production) return pino(options);
  const pretty = build({ translateTime: 'SYS:HH:MM:ss.l', ignore: 'role,pid,event', singleLine: true, sync: true });
  return pino(options, pretty);
}
