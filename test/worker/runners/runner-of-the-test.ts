/** A runner whose jobs do as their names say, such as `sleep 500` or `throw`. */
import { appendFileSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { TO_WORKER_FD } from '../../../src/runner/messages.ts';
import type { Greet } from '../../support/kinds.ts';
import { runByName } from '../../support/runner-by-name.ts';

const work: Greet = async ({ name }, { signal, progress }) => {
  const [what, ms = '0'] = name.split(' ');
  progress(1, 2, { at: name });
  if (what === 'sleep') await sleep(Number(ms), undefined, { signal });
  if (what === 'compute') for (const until = performance.now() + Number(ms); performance.now() < until;);
  if (what === 'exit') process.exit(3);
  if (what === 'deaf') await new Promise(() => {});
  if (what === 'note') appendFileSync(ms, 'begun\n');
  if (what === 'garble') writeSync(TO_WORKER_FD, `${name.slice('garble '.length)}\n`);
  if (what === 'stray') void Promise.reject(new Error('nobody awaits this'));
  if (what === 'throw')
    setTimeout(() => {
      throw new Error('nobody catches this');
    }, 10);
  if (what === 'stray' || what === 'throw' || what === 'garble') await sleep(100);
  return String(process.pid);
};

runByName(work);
