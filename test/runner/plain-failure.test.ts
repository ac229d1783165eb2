import { runInNewContext } from 'node:vm';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { BUDGETS } from '../../src/contract/budgets.ts';
import { CLIPPED, jsonBytes } from '../../src/contract/clip.ts';
import { LIMITS } from '../../src/contract/limits.ts';
import { discardJob, retryLater } from '../../src/job/verdicts.ts';
import { plainFailure } from '../../src/runner/plain-values.ts';
import { expectPlain } from '../support/plain.ts';

const END_BYTES = BUDGETS.errorType + BUDGETS.errorMessage + BUDGETS.errorStack + BUDGETS.frame;

function errorOf(thrown: unknown) {
  const end = plainFailure(thrown);
  expectPlain(end);
  expect(jsonBytes(end)).toBeLessThanOrEqual(END_BYTES);
  return end.error;
}

const throwing = (): never => {
  throw new Error('a trap');
};

/** A getter for each property that anybody might look at. */
function withGetters<T extends object>(of: T, get: (key: string) => unknown): T {
  for (const key of ['name', 'message', 'stack', 'code', 'cause', 'errors', 'type', 'nextRetryDelay', 'nonRetryable'])
    Object.defineProperty(of, key, { configurable: true, get: () => get(key) });
  return of;
}

const caused = (depth: number): Error => {
  let error = new Error('the root');
  for (let level = 0; level < depth; level += 1) error = new Error(`level ${level}`, { cause: error });
  return error;
};

const circle = new Error('round and round');
circle.cause = circle;
const pair = new Error('one', { cause: new Error('other') });
(pair.cause as Error).cause = pair;

class PaymentRefused extends Error {
  override readonly name = 'PaymentRefused';
}
class OutOfStock extends Error {}
class NotAnError {
  readonly status = 500;
}

const named = (name: unknown, message = 'no luck'): Error =>
  Object.defineProperty(new Error(message), 'name', { value: name });

/** What was thrown, and what a person reads of it. */
const THROWN: readonly (readonly [string, unknown, type: string, message: string | RegExp])[] = [
  ['an error', new TypeError('x is not a function'), 'TypeError', 'x is not a function'],
  ['an error of one’s own', new PaymentRefused('no money'), 'PaymentRefused', 'no money'],
  ['an error whose class alone has a name', new OutOfStock('none left'), 'OutOfStock', 'none left'],
  ['an error whose message is blank', new RangeError(' \n'), 'RangeError', 'RangeError'],
  ['an error with a code', Object.assign(new Error('twice'), { code: '23505' }), 'Error', 'twice (code 23505)'],
  [
    'an error whose message has the code',
    Object.assign(new Error('ENOENT: no file'), { code: 'ENOENT' }),
    'Error',
    'ENOENT: no file',
  ],
  ['an error without a message', new RangeError(), 'RangeError', 'RangeError'],
  [
    'an error without a message, with a code',
    Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }),
    'AggregateError',
    'AggregateError (code ECONNREFUSED)',
  ],
  ['an abort', AbortSignal.abort().reason, 'AbortError', 'This operation was aborted'],
  ['an error of another realm', runInNewContext('new TypeError("from elsewhere")'), 'TypeError', 'from elsewhere'],
  ['an empty one of another realm', runInNewContext('new TypeError("")'), 'TypeError', 'TypeError'],
  ['an error without a name', named(''), 'Error', 'no luck'],
  ['an error whose name is no text', named(42), 'Error', 'no luck'],
  ['an error whose name is an object', named({ a: 1 }), 'Error', 'no luck'],
  [
    'an error whose message is no text',
    Object.assign(new Error('x'), { message: { status: 500 } }),
    'Error',
    '{ status: 500 }',
  ],
  ['an error whose message is a number', Object.assign(new Error('x'), { message: 10n }), 'Error', '10n'],
  [
    'an error whose message is gone',
    Object.assign(new TypeError('x'), { message: undefined }),
    'TypeError',
    'TypeError',
  ],
  ['a name like one of ours: WorkerLost', named('WorkerLost'), 'WorkerLost', 'no luck'],
  ['a name like one of ours: JobDiscarded', named('JobDiscarded'), 'JobDiscarded', 'no luck'],
  ['an object', { code: 42, message: 'no luck' }, 'Error', 'no luck (code 42)'],
  ['an object with a name', { name: 'StripeError', message: 'declined' }, 'StripeError', 'declined'],
  [
    'an object that says nothing',
    { status: 500, body: { ok: false } },
    'Error',
    '{ status: 500, body: { ok: false } }',
  ],
  ['an object with a code alone', { code: 7 }, 'Error', 'Error (code 7)'],
  ['an object of a class', new NotAnError(), 'NotAnError', 'NotAnError { status: 500 }'],
  ['an object without a prototype', Object.assign(Object.create(null) as object, { a: 1 }), 'Error', /a: 1/],
  ['an empty object', {}, 'Error', '{}'],
  ['a list', [1, 'two'], 'Array', "[ 1, 'two' ]"],
  ['an object that inspects itself', { [Symbol.for('nodejs.util.inspect.custom')]: throwing, a: 1 }, 'Error', /a: 1/],
  ['a text', 'no luck', 'Error', 'no luck'],
  ['an empty text', '', 'Error', 'an empty text was thrown'],
  ['a number', 42, 'Error', '42 was thrown'],
  ['a bigint', 10n, 'Error', '10n was thrown'],
  ['a symbol', Symbol('no luck'), 'Error', 'Symbol(no luck) was thrown'],
  ['a function', throwing, 'Error', '[Function: throwing] was thrown'],
  ['a class, instead of an error', PaymentRefused, 'Error', /PaymentRefused.* was thrown/],
  ['null', null, 'Error', 'null was thrown'],
  ['undefined', undefined, 'Error', 'undefined was thrown'],
  ['a promise', Promise.resolve(1), 'Promise', /Promise/],
  ['a circle', circle, 'Error', 'round and round'],
  ['a circle of two', pair, 'Error', 'one'],
  ['an object that holds itself', Object.assign([], { self: circle }), 'Array', /Circular|round and round/],
  ['getters that throw', withGetters(new TypeError('x'), throwing), 'TypeError', 'TypeError'],
  ['getters that throw, on no error', withGetters({}, throwing), 'Error', /Getter|\{\}/],
  [
    'a proxy whose traps throw',
    new Proxy(
      {},
      { get: throwing, has: throwing, getPrototypeOf: throwing, ownKeys: throwing, getOwnPropertyDescriptor: throwing },
    ),
    'Error',
    '{}',
  ],
  ['a proxy that has everything', new Proxy({}, { get: () => 'yes', has: () => true }), 'yes', 'yes'],
  ['half an emoji', new Error('cut \ud83d'), 'Error', 'cut \ufffd'],
  ['a type with half an emoji', named('Bad\ude00'), 'Bad\ufffd', 'no luck'],
  [
    'three megabytes',
    new Error('x'.repeat(3_000_000)),
    'Error',
    new RegExp(`^x{4000,}${CLIPPED.replaceAll(/[()]/g, '.')}$`),
  ],
  ['three megabytes of nothing printable', new Error('\0'.repeat(3_000_000)), 'Error', /\(cut short\)$/],
  ['three megabytes that are no error', { body: 'x'.repeat(3_000_000) }, 'Error', /body/],
  ['a cancellation of Temporal’s', new CancelledFailure('stop'), 'CancelledFailure', 'stop'],
];

describe('what was thrown', () => {
  test.each(THROWN)('%s: a failure that a person can read', (_what, thrown, type, message) => {
    const end = plainFailure(thrown);
    expect(end).toMatchObject({ as: 'failed', retryable: true });
    expect(end).not.toHaveProperty('delayMs');
    const error = errorOf(thrown);
    expect(error.type).toBe(type);
    expect(error.message).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
  });

  test('a proxy that is closed', () => {
    const { proxy, revoke } = Proxy.revocable(new Error('x'), {});
    revoke();
    expect(errorOf(proxy)).toEqual({ type: 'Error', message: '<Revoked Proxy>' });
  });

  test('a name that lists could not filter by is cut', () => {
    const { type } = errorOf(named('N'.repeat(5_000)));
    expect(type).toMatch(/^N{200,}/);
    expect(jsonBytes(type)).toBeLessThanOrEqual(BUDGETS.errorType + 2);
  });

  test('getters are called once', () => {
    const get = vi.fn<(key: string) => unknown>((key) => (key === 'errors' ? [new Error('part')] : `some ${key}`));
    for (const thrown of [new Error('x'), {}, ApplicationFailure.create({ message: 'x' })]) {
      get.mockClear();
      plainFailure(withGetters(thrown, get));
      const keys = get.mock.calls.map(([key]) => key);
      expect(keys).toContain('message');
      expect(keys.toSorted()).toEqual([...new Set(keys)].toSorted());
    }
  });

  test('is copied', () => {
    const error = new Error('before');
    const end = plainFailure(error);
    error.message = 'after';
    expect(end.error.message).toBe('before');
  });

  test('is read by the globals of the start, whatever the application makes of them', () => {
    const { get } = Reflect;
    let end;
    // A mock would break the test itself.
    Reflect.get = throwing;
    try {
      end = plainFailure(new TypeError('x'));
    } finally {
      Reflect.get = get;
    }
    expect(end.error).toMatchObject({ type: 'TypeError', message: 'x' });
  });
});

describe('the stack', () => {
  test('says where, without the message again', () => {
    const { stack } = errorOf(new Error('on several\nlines'));
    expect(stack).toMatch(/^at .*plain-failure\.test\.ts/);
    expect(stack).not.toContain('lines');
  });

  test('is that of its place, however long the message', () => {
    expect(errorOf(new Error('x'.repeat(3_000_000))).stack).toMatch(/^at .*plain-failure\.test\.ts/);
  });

  test('goes on with the causes, nearest first, a line each', () => {
    const cause = new TypeError('no\n  connection', { cause: { code: 'ECONNRESET', message: 'reset' } });
    const { stack } = errorOf(new Error('no luck', { cause }));
    expect(stack).toMatch(/\ncaused by TypeError: no connection\ncaused by Error: reset \(code ECONNRESET\)$/);
  });

  test('names some of the errors that an error gathers', () => {
    const { stack } = errorOf(new AggregateError([new TypeError('a'), 'b', null, 'd'], 'all failed'));
    expect(stack).toMatch(/\namong them TypeError: a\namong them Error: b\namong them Error: null was thrown$/);
  });

  test.each([
    ['500 causes', caused(500), 'and so on'],
    ['causes of a megabyte each', new Error('x', { cause: new Error('y'.repeat(1_000_000)) }), CLIPPED],
    ['a circle', circle, ''],
    ['a circle of two', pair, 'caused by Error: other'],
    ['a cause that is a text', new Error('x', { cause: 'bad weather' }), 'caused by Error: bad weather'],
    ['a cause that is nothing', new Error('x', { cause: null }), ''],
    ['a cause that throws', new Error('x', { cause: withGetters({}, throwing) }), 'caused by Error: '],
  ])('is short: %s', (_what, thrown, last) => {
    const { stack = '' } = errorOf(thrown);
    expect(jsonBytes(stack)).toBeLessThanOrEqual(BUDGETS.errorStack + 2);
    expect(stack.split('\n').length).toBeLessThan(40);
    expect(stack).toContain(last);
  });

  test.each([
    ['is no text', Object.assign(new Error('x'), { stack: [{}] })],
    ['has no lines', Object.assign(new Error('x'), { stack: 'Error: x' })],
    ['is missing', Object.assign(new Error('x'), { stack: undefined })],
  ])('that %s is left out', (_what, thrown) => {
    expect(errorOf(thrown)).toEqual({ type: 'Error', message: 'x' });
  });
});

describe('what the handler decided', () => {
  test('discardJob ends the job', () => {
    const end = plainFailure(discardJob('no longer wanted'));
    expect(end).toEqual({ as: 'discarded', error: { type: 'JobDiscarded', message: 'no longer wanted' } });
  });

  test('retryLater names the delay', () => {
    const error = { type: 'JobRetryLater', message: 'busy' };
    expect(plainFailure(retryLater('busy', 1.5))).toEqual({ as: 'failed', error, retryable: true, delayMs: 2 });
  });

  test('half an emoji in its message harms nobody', () => {
    expect(errorOf(discardJob('cut \ud83d')).message).toBe('cut \ufffd');
    expect(errorOf(retryLater('cut \ud83d', 1)).message).toBe('cut \ufffd');
  });
});

describe('a failure of Temporal’s', () => {
  test('keeps its type and whether a further attempt may help, and drops its details', () => {
    const failure = ApplicationFailure.create({
      type: 'OutOfStock',
      message: 'none left',
      nonRetryable: true,
      details: [10n],
      category: ApplicationFailureCategory.BENIGN,
      cause: new Error('empty shelf'),
    });
    const end = plainFailure(failure);
    expectPlain(end);
    const stack = expect.stringContaining('caused by Error: empty shelf');
    expect(end).toEqual({
      as: 'failed',
      error: { type: 'OutOfStock', message: 'none left', stack },
      retryable: false,
    });
  });

  test('without a type is an error', () => {
    expect(errorOf(ApplicationFailure.create({ message: 'x' })).type).toBe('Error');
  });

  test.each([
    [5_000, 5_000],
    ['5s', 5_000],
    ['2 days', 2 * 86_400_000],
    [0, 0],
    [1.5, 2],
    [Date.now() * 1_000, LIMITS.delayMs],
    [Number.NaN, undefined],
    [Infinity, undefined],
    [-1, undefined],
    ['-5s', undefined],
    ['soon', undefined],
    ['', undefined],
    ['9'.repeat(200), undefined],
    [null, undefined],
    [10n, undefined],
    [{}, undefined],
  ])('nextRetryDelay %s is %s', (nextRetryDelay, delayMs) => {
    const failure = new ApplicationFailure('x', 'Busy', false, [], undefined, nextRetryDelay);
    const end = plainFailure(failure);
    expectPlain(end);
    expect(end).toMatchObject({ as: 'failed', retryable: true });
    expect('delayMs' in end ? end.delayMs : undefined).toBe(delayMs);
  });
});

test('anything thrown is plain, and within its budget', () => {
  const text = fc
    .array(fc.integer({ min: 0, max: 0xff_ff }), { maxLength: 50 })
    .map((codes) => String.fromCharCode(...codes));
  const longText = fc.tuple(text, fc.integer({ min: 1, max: 2_000 })).map(([part, times]) => part.repeat(times));
  const property = fc.constantFrom(
    'name',
    'message',
    'stack',
    'code',
    'cause',
    'errors',
    'type',
    'nextRetryDelay',
    'constructor',
  );
  const value: fc.Arbitrary<unknown> = fc.oneof(
    longText,
    fc.anything({ withBigInt: true }),
    fc.constant(circle),
    fc.double(),
  );
  const base = fc.constantFrom<() => object>(
    () => new Error('x'),
    () => new AggregateError(['a', 'b']),
    () => ({}),
    () => ApplicationFailure.create({ message: 'x' }),
    () => discardJob('x'),
    () => retryLater('x', 1),
    () => Object.create(null) as object,
  );
  const errors = fc.tuple(base, fc.array(fc.tuple(property, value, fc.boolean()))).map(([make, properties]) => {
    const error = make();
    for (const [key, each, throws] of properties)
      Object.defineProperty(error, key, { configurable: true, get: throws ? throwing : () => each });
    return error;
  });
  const chains = fc.array(errors, { minLength: 1, maxLength: 8 }).map((links) => {
    for (const [at, link] of links.entries())
      Object.defineProperty(link, 'cause', { configurable: true, value: links[(at + 1) % links.length] });
    return links[0];
  });
  fc.assert(
    fc.property(fc.oneof(value, errors, chains), (thrown) => {
      const end = plainFailure(thrown);
      expectPlain(end);
      expect(end.error.type).not.toBe('');
      expect(end.error.message).not.toBe('');
      expect(end.error.message).not.toContain('[object Object]');
      expect(jsonBytes(end.error.type)).toBeLessThanOrEqual(BUDGETS.errorType + 2);
      expect(jsonBytes(end.error.message)).toBeLessThanOrEqual(BUDGETS.errorMessage + 2);
      expect(jsonBytes(end.error.stack)).toBeLessThanOrEqual(BUDGETS.errorStack + 2);
      expect(jsonBytes(end)).toBeLessThanOrEqual(END_BYTES);
    }),
    { numRuns: 1_000 },
  );
});
