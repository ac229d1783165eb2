/**
 * What application code does to itself and its neighbours: a row for each, with what becomes of the job and of the process it ran in.
 * The inputs are examples of their kinds. Runs in a runner; the test reads what each should come to.
 */
import { closeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { runInNewContext } from 'node:vm';
import { ApplicationFailure } from '@temporalio/common';
import type { JobState } from '../../../src/job/job-states.ts';
import type { Attempt } from '../../../src/kinds/job-definition.ts';
import { TO_WORKER_FD } from '../../../src/runner/messages.ts';
import { discardJob, retryLater } from '../../../src/job/verdicts.ts';

export interface Misbehaviour {
  readonly does: (attempt: Attempt) => unknown;
  /** What becomes of a job that may fail once only. */
  readonly job: JobState;
  readonly result?: unknown;
  /** In the note, if it has one. */
  readonly note?: string;
  readonly error?: { readonly type?: string; readonly message?: string };
}

const HALF_AN_EMOJI = '\ud83d';
const CAUGHT_BY_NOBODY = 'nobody catches this';

function cycle(): object {
  const it: Record<string, unknown> = { name: 'it' };
  it['itself'] = it;
  return it;
}

function error(properties: object, message = 'no luck'): Error {
  return Object.assign(new Error(message), properties);
}

function causes(depth: number): Error {
  let cause = new Error('the first');
  for (let n = 1; n < depth; n += 1) cause = new Error(`number ${n}`, { cause });
  return cause;
}

function thrower(thrown: unknown): () => never {
  return () => {
    throw thrown;
  };
}

const leftOut = { job: 'done', result: null, note: 'left out' } as const;

/** Its process goes on, and nobody there notices. */
export const HARMLESS: Readonly<Record<string, Misbehaviour>> = {
  // Results.
  'returns a bigint': { does: () => 10n, ...leftOut },
  'returns a row with a bigint column': { does: () => ({ id: 10n }), ...leftOut },
  'returns a cycle': { does: cycle, ...leftOut },
  'returns 3 MB': { does: () => 'x'.repeat(3_000_000), ...leftOut },
  'returns a function': { does: () => () => 1, ...leftOut },
  'returns a symbol': { does: () => Symbol('it'), ...leftOut },
  'returns what throws when it is written': { does: () => ({ toJSON: thrower(new Error('not me')) }), ...leftOut },
  'returns a getter that throws': {
    does: () => Object.defineProperty({}, 'x', { enumerable: true, get: thrower(1) }),
    ...leftOut,
  },
  'returns 100,000 levels': {
    does: () => {
      let deep: unknown = 1;
      for (let n = 0; n < 100_000; n += 1) deep = [deep];
      return deep;
    },
    ...leftOut,
  },
  'returns nothing': { does: () => undefined, job: 'done', result: null },
  'returns half an emoji': { does: () => ({ cut: HALF_AN_EMOJI }), job: 'done', result: { cut: '\ufffd' } },
  'returns no number': {
    does: () => [Number.NaN, new Date(0), new Map()],
    job: 'done',
    result: [null, '1970-01-01T00:00:00.000Z', {}],
  },
  // Errors.
  'throws an error that causes itself': {
    does: () => {
      const it = new Error('no luck');
      it.cause = it;
      throw it;
    },
    job: 'dead',
    error: { type: 'Error', message: 'no luck' },
  },
  'throws 500 causes': { does: thrower(causes(500)), job: 'dead', error: { message: 'number 499' } },
  'throws a getter that throws': {
    does: thrower(Object.defineProperty(new Error('x'), 'message', { get: thrower(new Error('not me')) })),
    job: 'dead',
    error: { type: 'Error' },
  },
  'throws details of a bigint': {
    does: thrower(ApplicationFailure.create({ type: 'Ours', message: 'no luck', details: [10n] })),
    job: 'dead',
    error: { type: 'Ours', message: 'no luck' },
  },
  'throws half an emoji': {
    does: thrower(new Error(`cut ${HALF_AN_EMOJI}`)),
    job: 'dead',
    error: { message: 'cut \ufffd' },
  },
  'throws 3 MB': {
    does: thrower(new Error('x'.repeat(3_000_000))),
    job: 'dead',
    error: { type: 'Error', message: 'xxx' },
  },
  'throws a name of 5 KB': {
    does: thrower(error({ name: 'N'.repeat(5_000) })),
    job: 'dead',
    error: { type: 'NNN', message: 'no luck' },
  },
  'throws a name that is no text': {
    does: thrower(error({ name: { a: 1 } })),
    job: 'dead',
    error: { message: 'no luck' },
  },
  'throws an object': {
    does: thrower({ code: 42, message: 'no luck' }),
    job: 'dead',
    error: { message: 'no luck (code 42)' },
  },
  'throws null': { does: thrower(null), job: 'dead', error: { message: 'null was thrown' } },
  'throws nothing': { does: thrower(undefined), job: 'dead', error: { message: 'undefined was thrown' } },
  'throws a symbol': { does: thrower(Symbol('s')), job: 'dead', error: { message: 'Symbol(s)' } },
  'throws an empty message': {
    does: thrower(new TypeError('')),
    job: 'dead',
    error: { type: 'TypeError', message: 'TypeError' },
  },
  'throws out of another realm': {
    does: () => runInNewContext('throw new RangeError("far away")'),
    job: 'dead',
    error: { type: 'RangeError', message: 'far away' },
  },
  'throws a proxy that throws': {
    does: thrower(new Proxy({}, { get: thrower(new Error('not me')), getPrototypeOf: thrower(new Error('nor me')) })),
    job: 'dead',
    error: {},
  },
  'is called WorkerLost': {
    does: thrower(error({ name: 'WorkerLost' })),
    job: 'dead',
    error: { type: 'WorkerLost', message: 'no luck' },
  },
  'is called WorkerStopped': {
    does: thrower(error({ name: 'WorkerStopped' })),
    job: 'dead',
    error: { type: 'WorkerStopped' },
  },
  'is called JobDiscarded': {
    does: thrower(error({ name: 'JobDiscarded' })),
    job: 'dead',
    error: { type: 'JobDiscarded' },
  },
  'fails as Temporal would, with our words': {
    does: thrower(
      ApplicationFailure.create({ type: 'JobDiscarded', message: 'no luck', details: [null, { as: 'discarded' }] }),
    ),
    job: 'dead',
    error: { type: 'JobDiscarded' },
  },
  'discards itself': {
    does: thrower(discardJob(`no longer wanted ${HALF_AN_EMOJI}`)),
    job: 'discarded',
    error: { message: 'no longer wanted \ufffd' },
  },
  'retries later than never': {
    does: () => thrower(retryLater('x', Number.NaN))(),
    job: 'dead',
    error: { type: 'TypeError' },
  },
  'names a delay that is none': {
    does: thrower(ApplicationFailure.create({ message: 'no luck', nextRetryDelay: 'whenever' as never })),
    job: 'dead',
    error: { message: 'no luck' },
  },
  // Progress.
  'progresses by bigints': {
    does: ({ progress }) => progress(10n as never, 20n as never),
    job: 'dead',
    error: { type: 'TypeError' },
  },
  'progresses by no number': {
    does: ({ progress }) => progress(Number.NaN, 1),
    job: 'dead',
    error: { type: 'TypeError' },
  },
  'saves a cycle': { does: ({ progress }) => progress(1, 2, cycle()), job: 'dead', error: { type: 'TypeError' } },
  'saves 3 MB': {
    does: ({ progress }) => progress(1, 2, 'x'.repeat(3_000_000)),
    job: 'dead',
    error: { type: 'TypeError' },
  },
  'progresses 20,000 times': {
    does: ({ progress }) => {
      for (let n = 0; n < 20_000; n += 1) progress(n, 20_000, { at: n, bulk: 'x'.repeat(1_000) });
      return 'ok';
    },
    job: 'done',
    result: 'ok',
  },
  // What it leaves behind.
  'forgets an await': {
    does: () => {
      void sleep(50).then(thrower(new Error(CAUGHT_BY_NOBODY)));
      return 'ok';
    },
    job: 'done',
    result: 'ok',
  },
  'forgets an await and goes on': {
    does: async () => {
      void Promise.reject(new Error(CAUGHT_BY_NOBODY));
      await sleep(100);
      return 'ok';
    },
    job: 'done',
    result: 'ok',
  },
  'progresses after its end': {
    does: ({ progress }) => {
      setTimeout(() => progress(1, 2), 50);
      return 'ok';
    },
    job: 'done',
    result: 'ok',
  },
  // Its process, which it has to itself as little as its desk.
  'leaves the clock stopped': {
    does: () => {
      const { setTimeout: timer, setInterval: interval, setImmediate: immediate, Date: date } = globalThis;
      Object.assign(globalThis, { setTimeout: () => 0, setInterval: () => 0, setImmediate: () => 0, Date: undefined });
      timer(
        () =>
          Object.assign(globalThis, { setTimeout: timer, setInterval: interval, setImmediate: immediate, Date: date }),
        300,
      );
      return 'ok';
    },
    job: 'done',
    result: 'ok',
  },
  'breaks JSON for a moment': {
    does: () => {
      const { stringify, parse } = JSON;
      Object.assign(JSON, { stringify: thrower(new Error('not me')), parse: thrower(new Error('not me')) });
      setTimeout(() => Object.assign(JSON, { stringify, parse }), 20);
      return { is: 'ok' };
    },
    job: 'done',
    result: { is: 'ok' },
  },
  'talks to a parent': {
    does: () => {
      process.send?.(['ended', 1, { as: 'done', result: 'mine' }]);
      process.disconnect?.();
      return 'ok';
    },
    job: 'done',
    result: 'ok',
  },
  'listens to everything': {
    does: () => {
      process.on('SIGTERM', () => {});
      process.emitWarning('watch out');
      process.exitCode = 7;
      return 'ok';
    },
    job: 'done',
    result: 'ok',
  },
  'overflows the stack': {
    does: () => {
      const again = (n: number): number => again(n + 1) + 1;
      return again(0);
    },
    job: 'dead',
    error: { type: 'RangeError' },
  },
  'computes for two seconds': {
    does: () => {
      compute(2_000);
      return 'ok';
    },
    job: 'done',
    result: 'ok',
  },
};

/** Its process goes when it has ended, and takes nobody along. */
export const REPLACED: Readonly<Record<string, Misbehaviour>> = {
  'throws in a timer': {
    does: async () => {
      setTimeout(thrower(new Error(CAUGHT_BY_NOBODY)), 20);
      await sleep(200);
      return 'ok';
    },
    job: 'done',
    result: 'ok',
  },
  'throws in a timer after its end': {
    does: () => {
      setTimeout(thrower(new Error(CAUGHT_BY_NOBODY)), 50);
      return 'ok';
    },
    job: 'done',
    result: 'ok',
  },
};

const POISON = { job: 'dead', error: { type: 'PoisonPill' } } as const;

/** Its process dies of it, with whatever ran there; the others run again. */
export const LETHAL: Readonly<Record<string, Misbehaviour>> = {
  exits: { does: () => process.exit(3), ...POISON },
  'exits well': { does: () => process.exit(0), ...POISON },
  aborts: { does: () => process.abort(), ...POISON },
  'kills itself': { does: () => process.kill(process.pid, 'SIGKILL'), ...POISON },
  'closes what is ours': { does: () => closeSync(TO_WORKER_FD), ...POISON },
  'computes for ever': { does: () => compute(Infinity), ...POISON },
  'eats all memory': {
    does: () => {
      const all: unknown[] = [];
      for (;;) all.push(Array.from({ length: 10_000 }, (_, n) => ({ n })));
    },
    ...POISON,
  },
};

function compute(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}
