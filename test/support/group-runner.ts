/**
 * A runner whose jobs do as their names say: `sleep 500 a`, `fail b`, `late 500 c` (fails then), `kill d`. It writes a line
 * to a file when a job begins and when it is done, so that a test sees what ran, and how often, whatever was killed.
 * Started with that file's path as its only argument.
 */
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Greet } from './kinds.ts';
import { runByName } from './runner-by-name.ts';

const [file = ''] = process.argv.slice(2);

const work: Greet = async ({ name }, { signal, number }) => {
  appendFileSync(file, `begun ${name} ${process.pid}\n`);
  const [what, ms = '0'] = name.split(' ');
  if (what === 'sleep') await sleep(Number(ms), undefined, { signal });
  if (what === 'kill') process.kill(process.pid, 'SIGKILL');
  if (what === 'late') await sleep(Number(ms), undefined, { signal });
  if ((what === 'fail' || what === 'late') && number === 1) throw new Error('made to fail');
  appendFileSync(file, `done ${name} ${process.pid}\n`);
  return name;
};

runByName(work);
