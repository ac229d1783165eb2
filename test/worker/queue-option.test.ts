/** Which queue a worker serves for what `--queue` says, and what the pages say to get there. */
import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { QUEUE_NAME_PATTERN } from '../../src/contract/queues.ts';
import { queueArgument } from '../../src/web/queue-argument.ts';
import { addQueueOption, QueueOptionError, type ServedQueue } from '../../src/worker/queue-option.ts';

const character = fc.constantFrom('a', 'b', 'Z', '0', '1', '9', '_', '.', ':', '-');
const name = fc.oneof(
  fc.string({ unit: character, minLength: 1, maxLength: 100 }),
  fc.tuple(fc.string({ unit: character, minLength: 1, maxLength: 9 }), fc.nat()).map(([text, n]) => `${text}:${n}`),
);
const legalName = name.filter((text) => QUEUE_NAME_PATTERN.test(text));

function served(text: string): ServedQueue | undefined {
  return addQueueOption(text)[0];
}

describe('--queue', () => {
  test.each([
    ['mailers', 'mailers', undefined],
    ['mailers:5', 'mailers', 5],
    ['mailers=5', 'mailers', 5],
    ['mailers=', 'mailers', undefined],
    ['tenant:42=', 'tenant:42', undefined],
    ['tenant:42=7', 'tenant:42', 7],
    ['tenant:b', 'tenant:b', undefined],
    ['tenant:', 'tenant:', undefined],
  ])('%s serves %s', (text, queue, concurrency) => {
    expect(served(text)).toEqual({ name: queue, concurrency });
  });

  test.each([
    ['what could be two things', 'tenant:42:7', /write tenant:42:7= or tenant:42=7/],
    ['no name', '=5', /A queue is named by/],
    ['an illegal name', 'mail ers', /A queue is named by/],
    ['the workflows’ own queue', 'holdfast', /A queue is named by/],
    ['the workflows’ own queue with a concurrency', 'holdfast:5', /A queue is named by/],
    ['a concurrency of 0', 'mailers:0', /whole number from 1/],
    ['a concurrency that is no number', 'mailers=many', /whole number from 1/],
    ['a concurrency beyond counting', `mailers=${'9'.repeat(400)}`, /whole number from 1/],
  ])('refuses %s with a sentence', (_what, text, says) => {
    expect(() => addQueueOption(text)).toThrow(QueueOptionError);
    expect(() => addQueueOption(text)).toThrow(says);
  });

  test('refuses a queue that is named twice, however it is written', () => {
    expect(() => addQueueOption('dd:5', addQueueOption('dd'))).toThrow('The queue dd is named twice');
    expect(addQueueOption('dd:6=', addQueueOption('dd:5')).map((queue) => queue.name)).toEqual(['dd', 'dd:6']);
  });

  test('serves every legal name, with and without a concurrency', () => {
    fc.assert(
      fc.property(legalName, fc.integer({ min: 1, max: 1_000 }), (queue, concurrency) => {
        expect(served(`${queue}=${concurrency}`)).toEqual({ name: queue, concurrency });
        expect(served(`${queue}=`)).toEqual({ name: queue, concurrency: undefined });
      }),
    );
  });
});

describe('the command that a page offers', () => {
  test('serves the very queue that it was offered for, through a shell', () => {
    const names = fc.sample(legalName, { numRuns: 300, seed: 1 });
    const words = names.map((queue) => queueArgument(queue)).join(' ');
    const lines = execFileSync('/bin/sh', ['-c', `printf '%s\\n' ${words}`], { encoding: 'utf8' });
    expect(lines.trimEnd().split('\n').map(served)).toEqual(
      names.map((queue) => ({ name: queue, concurrency: undefined })),
    );
  });

  test.each([
    ['mailers', 'mailers'],
    ['tenant:42', 'tenant:42='],
    ['a:1:2', 'a:1:2='],
  ])('for %s is --queue %s', (queue, argument) => {
    expect(queueArgument(queue)).toBe(argument);
  });
});
