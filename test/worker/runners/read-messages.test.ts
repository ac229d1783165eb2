/** A worker believes of its runners' pipes only what a runner can have written. */
import { expect, test } from 'vitest';
import type { FromRunner } from '../../../src/runner/messages.ts';
import { asked } from '../../support/kinds.ts';
import { readMessages } from '../../../src/worker/runners/read-messages.ts';

const ALL: Readonly<Record<FromRunner[0], readonly FromRunner[]>> = {
  ready: [
    ['ready', 4096, {}],
    [
      'ready',
      4096,
      { NameWorkflow: { queue: 'default' }, WriteReport: { queue: 'a', isolated: true, maxBusyMs: 5_000 } },
    ],
  ],
  leaving: [['leaving']],
  enqueue: [['enqueue', 1, 2, 'job-1/2', asked()]],
  begun: [
    ['begun', 1],
    ['begun', 1, 2, 3],
  ],
  ended: [
    ['ended', 1, { as: 'done', result: null, note: 'left out' }],
    ['ended', 1, { as: 'failed', error: { type: 'Error', message: 'x' }, retryable: true }, 'cancelled'],
    ['ended', 1, { as: 'discarded', error: { type: 'Error', message: 'x' } }],
    ['ended', 1, { as: 'unknownKind' }],
  ],
  progress: [
    ['progress', 1, 2, 3],
    ['progress', 1, 2, 3, '{"rows":2}'],
  ],
  stale: [['stale', 1]],
  alive: [['alive']],
  stray: [
    ['stray', { isFatal: true, text: 'nobody caught: Error: x' }],
    ['stray', { id: 1, jobId: 'job-1', kind: 'NameWorkflow', isFatal: false, text: 'nobody awaited: Error: x' }],
  ],
  exiting: [
    ['exiting', 1],
    ['exiting', null],
  ],
};

test('everything that a runner says is read as it was said', () => {
  const messages = Object.values(ALL).flat();
  expect(readMessages(JSON.stringify(messages))).toEqual(messages);
  for (const message of messages) expect(readMessages(JSON.stringify([message]))).toEqual([message]);
});

test.each([
  '',
  'no JSON',
  'null',
  '5',
  '{}',
  '[null]',
  '[[]]',
  '["alive"]',
  '[["nobody says this"]]',
  '[["toString"]]',
  '[["begun","x"]]',
  '[["ended"]]',
  '[["ended",1]]',
  '[["ended",1,{"as":"returned"}]]',
  '[["ended",1,{"as":"failed"}]]',
  '[["ended",null,{"as":"done"}]]',
  '[["progress",1,2]]',
  '[["progress",1,2,3,{"rows":2}]]',
  '[["stale","1"]]',
  '[["stray"]]',
  '[["stray",{"text":5}]]',
  '[["exiting"]]',
  '[["ready"]]',
  '[["ready",4096]]',
  '[["ready",4096,[]]]',
  '[["ready",4096,{"NameWorkflow":1}]]',
  '[["ready",4096,{"NameWorkflow":{}}]]',
  '[["enqueue",1,2,"key"]]',
  '[["enqueue",1,2,3,{}]]',
  '[["alive"],["nobody says this"]]',
  '[["alive"]',
  '[["alive"]][["alive"]]',
])('nothing is read out of %s', (line) => {
  expect(readMessages(line)).toBeUndefined();
});
