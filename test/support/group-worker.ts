/**
 * A worker process with the real keeper as its parent, whose jobs do as their names say: `sleep 500 a`, `fail b`,
 * `late 500 c` (fails then), `kill d`. It writes a line
 * to a file when a job begins and when it is done, so that a test sees what ran, and how often, whatever was killed.
 */
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Handler } from '../../src/activities/attempt.ts';
import { loadConfig } from '../../src/config.ts';
import { createLogger } from '../../src/log.ts';
import type { WorkerAssignment } from '../../src/worker/keeper-messages.ts';
import { runWorkerProcess } from '../../src/worker/worker-process.ts';

const config = loadConfig(process.env);
const file = process.env['RUNS_FILE'] ?? '';
const stopping = new AbortController();

const work: Handler<'NameWorkflow'> = async ({ name }, { signal, number }) => {
  appendFileSync(file, `begun ${name} ${process.pid}\n`);
  const [what, ms = '0'] = name.split(' ');
  if (what === 'sleep') await sleep(Number(ms), undefined, { signal });
  if (what === 'kill') process.kill(process.pid, 'SIGKILL');
  if (what === 'late') await sleep(Number(ms), undefined, { signal });
  if ((what === 'fail' || what === 'late') && number === 1) throw new Error('made to fail');
  appendFileSync(file, `done ${name} ${process.pid}\n`);
  return name;
};

process.on('SIGTERM', () => stopping.abort());
process.on('SIGINT', () => {});
process.on('message', () => stopping.abort());
process.on('disconnect', () => stopping.abort());
await runWorkerProcess({
  config,
  assignment: JSON.parse(process.argv[2] ?? '{}') as WorkerAssignment,
  log: createLogger(config, 'worker'),
  tellKeeper: (message) => void (process.connected && process.send?.(message)),
  handlers: { NameWorkflow: work },
  stop: stopping.signal,
});
if (process.connected) process.disconnect();
