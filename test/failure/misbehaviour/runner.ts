/** A runner whose jobs do as their names say: a misbehaviour, or an innocent that sleeps for a moment. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Handler } from '../../../src/activities/handler.ts';
import { runByName } from '../../support/runner-by-name.ts';
import { HARMLESS, LETHAL, REPLACED } from './misbehaviours.ts';

const ALL = { ...HARMLESS, ...REPLACED, ...LETHAL };

const work: Handler<'NameWorkflow'> = async ({ name }, attempt) => {
  const [who = '', what = ''] = name.split(': ');
  if (who !== 'innocent') return (await ALL[who]?.does(attempt)) as string;
  await sleep(Number(what), undefined, { signal: attempt.signal });
  return name;
};

runByName(work);
