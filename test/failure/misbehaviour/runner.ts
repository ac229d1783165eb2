/** A runner whose jobs do as their names say: a misbehaviour, or an innocent that sleeps for a moment. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Greet } from '../../support/kinds.ts';
import { runByName } from '../../support/runner-by-name.ts';
import { HARMLESS, LETHAL, REPLACED } from './misbehaviours.ts';

const ALL = { ...HARMLESS, ...REPLACED, ...LETHAL };

const work: Greet = async ({ name }, attempt) => {
  const [who = '', what = ''] = name.split(': ');
  if (who !== 'innocent') return ALL[who]?.does(attempt);
  await sleep(Number(what), undefined, { signal: attempt.signal });
  return name;
};

runByName(work);
