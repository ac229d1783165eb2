import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/contract/limits.ts';
import { discardJob, retryLater, verdictOf } from '../../src/job/verdicts.ts';

describe('a verdict', () => {
  test('is known again, also one of another copy of the module', async () => {
    const address = '../../src/job/verdicts.ts?copy';
    const copy = (await import(address)) as { discardJob: typeof discardJob };
    expect(copy.discardJob).not.toBe(discardJob);
    expect(verdictOf(copy.discardJob('no'))).toEqual({ as: 'discard' });
    expect(verdictOf(discardJob('no'))).toEqual({ as: 'discard' });
    expect(verdictOf(retryLater('busy', 5_000))).toEqual({ as: 'retryLater', delayMs: 5_000 });
  });

  test('is an error with a message and a stack', () => {
    expect(discardJob('no longer wanted')).toBeInstanceOf(Error);
    expect(discardJob('no longer wanted')).toMatchObject({ name: 'JobDiscarded', message: 'no longer wanted' });
    expect(retryLater('busy', 1).stack).toContain('verdicts.test.ts');
  });

  test.each([
    ['an error that bears its name', Object.assign(new Error('x'), { name: 'JobDiscarded' })],
    ['an error with such properties', Object.assign(new Error('x'), { as: 'discard', verdict: { as: 'discard' } })],
    ['an error that has one as its cause', new Error('x', { cause: discardJob('no') })],
    ['a mark that means nothing', { [Symbol.for('holdfast.verdict')]: { as: 'retryLater', delayMs: Number.NaN } }],
    ['nothing', undefined],
    ['null', null],
    ['a text', 'JobDiscarded'],
    [
      'a proxy that throws',
      new Proxy(
        {},
        {
          get() {
            throw new Error('no');
          },
        },
      ),
    ],
  ])('is not: %s', (_what, thrown) => {
    expect(verdictOf(thrown)).toBeUndefined();
  });
});

describe('the delay of retryLater', () => {
  test.each([
    [0, 0],
    [0.4, 0],
    [1.5, 2],
    [90_000.4, 90_000],
    [LIMITS.delayMs, LIMITS.delayMs],
  ])('%d is %d', (given, delayMs) => {
    expect(verdictOf(retryLater('busy', given))).toEqual({ as: 'retryLater', delayMs });
  });

  test.each([
    Number.NaN,
    Infinity,
    -Infinity,
    -1,
    -0.01,
    LIMITS.delayMs + 1,
    Date.now() * 1_000,
    '5',
    '5s',
    10n,
    null,
    undefined,
    {},
    Symbol('soon'),
    new Date(),
  ])('%s is refused at the handler’s own line', (given) => {
    expect(() => retryLater('busy', given as number)).toThrow(TypeError);
    expect(() => retryLater('busy', given as number)).toThrow('retryLater takes a delay from 0 to');
  });
});
