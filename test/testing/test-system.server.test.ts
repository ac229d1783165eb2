/** A system of a test's own, as a service's tests start it: in real time, and with time that is skipped. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { z } from 'zod';
import { defineJob, discardJob, JobDefinitionError } from '../../src/index.ts';
import { IllegalActionError, InvalidJobError, JobFailedError, type JobView } from '../../src/client.ts';
import { startTestSystem, type TestSystem } from '../../src/testing.ts';
import { isListening } from '../../src/dev/ports.ts';

const DAY = 24 * 60 * 60_000;

interface World {
  readonly sent: string[];
}

const send = defineJob('Send', {
  args: z.object({ to: z.string() }),
  queue: 'mailers',
  run({ to }, attempt, { sent }: World) {
    sent.push(to);
    return { to, attempt: attempt.number };
  },
});

/** Enqueues a mail to everybody, fails then, and does it all again. */
const sendAll = defineJob('SendAll', {
  args: z.object({ to: z.array(z.string()) }),
  retryDelaysMs: [10],
  async run({ to }, attempt) {
    const mails = [];
    for (const each of to) mails.push(await attempt.enqueue(send, { to: each }));
    if (attempt.number === 1) throw new Error('enqueued all, and then this');
    return mails;
  },
});

const wait = defineJob('Wait', {
  args: z.object({}),
  async run(_args, attempt, { sent }: World) {
    attempt.progress(1, 2, { waiting: true });
    await sleep(60_000, undefined, { signal: attempt.signal }).catch(() => sent.push('asked to end'));
    attempt.signal.throwIfAborted();
  },
});

/** By default a kind travels in groups, whose checkpoints are small. */
const saveALot = defineJob('SaveALot', {
  args: z.object({}),
  maxAttempts: 1,
  run: (_args, attempt) => attempt.progress(1, 2, 'x'.repeat(5_000)),
});

const discard = defineJob('Discard', {
  args: z.object({}),
  run: (): never => {
    throw discardJob('no longer wanted');
  },
});

/** Decides anew, each time, whom it writes to. */
const fickle = defineJob('Fickle', {
  args: z.object({}),
  retryDelaysMs: [10],
  maxAttempts: 2,
  async run(_args, attempt) {
    await attempt.enqueue(send, { to: `friend of attempt ${attempt.number}` });
    throw new Error('and fails');
  },
});

async function untilDead({ holdfast }: TestSystem, id: string): Promise<JobView> {
  for await (const job of holdfast.watch(id)) if (job.state === 'dead') return job;
  throw new Error(`${id} has ended`);
}

const doomed = defineJob('Doomed', {
  args: z.object({}),
  maxAttempts: 1,
  run: (): never => {
    throw new Error('no luck');
  },
});

describe('in real time', () => {
  const world: World = { sent: [] };
  let system: TestSystem;
  let startMs: number;

  beforeAll(async () => {
    const before = performance.now();
    system = await startTestSystem({
      jobs: [send, sendAll, wait, discard, fickle, doomed, saveALot],
      setup: async () => world,
      teardown: ({ sent }) => void sent.push('teardown'),
    });
    startMs = performance.now() - before;
  });

  afterAll(async () => system[Symbol.asyncDispose]());

  test('it is ready in seconds', () => {
    expect(startMs).toBeLessThan(15_000);
  });

  test('runs a job, on the queue of its kind, with the world of setup', async () => {
    const job = await system.holdfast.enqueue(send, { to: 'ann' });
    expect(job).toMatchObject({ created: true, job: { kind: 'Send', queue: 'mailers' } });
    const result = await system.holdfast.result(job);
    expectTypeOf(result).toEqualTypeOf<{ to: string; attempt: number }>();
    expect(result).toEqual({ to: 'ann', attempt: 1 });
    expect(world.sent).toContain('ann');
  });

  test('runs many that come together', async () => {
    const all = Array.from({ length: 100 }, (_, n) => ({ job: send, args: { to: `friend ${n}` } }));
    const outcomes = await system.holdfast.enqueueAll(all);
    const results = await Promise.all(
      outcomes.map(async (outcome) => outcome.status === 'fulfilled' && system.holdfast.result(outcome.value)),
    );
    expect(results).toEqual(all.map(({ args: { to } }) => ({ to, attempt: 1 })));
  });

  test('a job enqueues others once, however often it makes the same calls', async () => {
    const to = ['bea', 'cem', 'dan'];
    const mails = await system.holdfast.result(await system.holdfast.enqueue(sendAll, { to }));
    expect(mails.map(({ created }) => created)).toEqual([false, false, false]);
    const results = await Promise.all(mails.map(async ({ id }) => system.holdfast.result({ id, definition: send })));
    expect(results.map((result) => result.to)).toEqual(to);
    expect(world.sent.filter((each) => to.includes(each)).sort()).toEqual(to);
  });

  test('jobs of a group enqueue others too, each its own', async () => {
    const outcomes = await system.holdfast.enqueueAll(
      ['x', 'y', 'z'].map((each) => ({ job: sendAll, args: { to: [`${each}1`, `${each}2`] } })),
    );
    const mails = await Promise.all(
      outcomes.map(async (outcome) => (outcome.status === 'fulfilled' ? system.holdfast.result(outcome.value) : [])),
    );
    expect(new Set(mails.flat().map(({ id }) => id)).size).toBe(6);
    for (const { id } of mails.flat()) await system.holdfast.result({ id, definition: send });
    expect(world.sent.filter((each) => /^[xyz]\d$/.test(each)).sort()).toEqual(['x1', 'x2', 'y1', 'y2', 'z1', 'z2']);
  });

  test('a job that calls for other jobs in another order is told so', async () => {
    const order = await system.holdfast.enqueue(fickle, {});
    const { attempts } = await untilDead(system, order.id);
    expect(attempts.at(-1)?.error).toMatchObject({ type: 'KeyReusedError' });
    await system.holdfast.act(order.id, { type: 'discard' });
  });

  test('a job is watched, and asked to end', async () => {
    const { id } = await system.holdfast.enqueue(wait, {});
    const states: string[] = [];
    for await (const job of system.holdfast.watch(id)) {
      const isNew = states.at(-1) !== job.state;
      states.push(job.state);
      if (job.state !== 'running' || !isNew) continue;
      await expect(system.holdfast.act(id, { type: 'retry' })).rejects.toThrow(IllegalActionError);
      await system.holdfast.act(id, { type: 'cancel' });
    }
    expect(states.at(-1)).toBe('cancelled');
    expect(world.sent).toContain('asked to end');
  });

  test('a job that ends otherwise has no result', async () => {
    const ending = system.holdfast.result(await system.holdfast.enqueue(discard, {}));
    await expect(ending).rejects.toThrow(JobFailedError);
    await expect(ending).rejects.toMatchObject({ state: 'discarded', error: { message: 'no longer wanted' } });
  });

  test('a checkpoint has the room that it has with a worker of its own', async () => {
    const job = await system.holdfast.enqueue(saveALot, {});
    await expect(system.holdfast.result(job)).rejects.toMatchObject({
      error: { type: 'TypeError', message: 'the checkpoint has 5002 bytes as JSON, and 4096 are possible' },
    });
    await system.holdfast.act(job.id, { type: 'discard' });
  });

  test('nobody waits for a job that is dead', async () => {
    const job = await system.holdfast.enqueue(doomed, {});
    const ending = system.holdfast.result(job);
    await expect(ending).rejects.toMatchObject({
      name: 'JobFailedError',
      state: 'dead',
      error: { message: 'no luck' },
    });
    await system.holdfast.act(job.id, { type: 'discard' });
  });

  test('nobody waits for longer than they like', async () => {
    const job = await system.holdfast.enqueue(send, { to: 'eve' }, { delayMs: DAY });
    await expect(system.holdfast.result(job, AbortSignal.timeout(100))).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  test('what does not fit is refused', async () => {
    await expect(system.holdfast.enqueue(send, { to: 5 } as never)).rejects.toThrow(InvalidJobError);
  });
});

describe('with time that is skipped', () => {
  const stubborn = defineJob('Stubborn', {
    args: z.object({ fails: z.number() }),
    retryDelaysMs: [DAY, 7 * DAY, 30 * DAY],
    maxAttempts: 5,
    run({ fails }, attempt) {
      if (attempt.number <= fails) throw new Error(`no luck ${attempt.number}`);
      return attempt.dueAt;
    },
  });
  let system: TestSystem;

  beforeAll(async () => {
    system = await startTestSystem({
      jobs: [send, sendAll, stubborn],
      setup: (): World => ({ sent: [] }),
      skipTime: true,
    });
  });

  afterAll(async () => system[Symbol.asyncDispose]());

  test('a job that is due in 30 days is over at once', async () => {
    const job = await system.holdfast.enqueue(send, { to: 'ann' }, { delayMs: 30 * DAY });
    expect(job.job.state).toBe('scheduled');
    const before = performance.now();
    expect(await system.holdfast.result(job)).toEqual({ to: 'ann', attempt: 1 });
    expect(performance.now() - before).toBeLessThan(10_000);
    const { createdAt, endedAt } = await system.holdfast.job(job.id);
    expect(Date.parse(String(endedAt)) - Date.parse(createdAt)).toBeGreaterThan(30 * DAY - 60_000);
  });

  test('a job that fails three times is over at once, after all its delays', async () => {
    const job = await system.holdfast.enqueue(stubborn, { fails: 3 });
    const dueAt = await system.holdfast.result(job);
    const { attempts, createdAt } = await system.holdfast.job(job.id);
    expect(attempts.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    expect(dueAt - Date.parse(createdAt)).toBeGreaterThan(38 * DAY - 60_000);
  });

  test('a job that only fails is dead', async () => {
    const ending = system.holdfast.result(await system.holdfast.enqueue(stubborn, { fails: 9 }));
    await expect(ending).rejects.toMatchObject({
      name: 'JobFailedError',
      state: 'dead',
      error: { message: 'no luck 5' },
    });
  });

  test('jobs that come together are over too, also one that fails and leaves its group', async () => {
    const outcomes = await system.holdfast.enqueueAll([
      { job: stubborn, args: { fails: 0 }, delayMs: DAY },
      { job: stubborn, args: { fails: 2 }, delayMs: DAY },
      { job: stubborn, args: { fails: 0 }, delayMs: 20 * DAY },
    ]);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') throw outcome.reason;
      expect(await system.holdfast.result(outcome.value)).toEqual(expect.any(Number));
    }
  });

  test('a job enqueues others', async () => {
    const mails = await system.holdfast.result(await system.holdfast.enqueue(sendAll, { to: ['bea', 'cem'] }));
    expect(mails.map(({ created }) => created)).toEqual([false, false]);
    for (const { id } of mails)
      expect(await system.holdfast.result({ id, definition: send })).toMatchObject({ attempt: 1 });
  });

  test('a job is watched', async () => {
    const { id } = await system.holdfast.enqueue(stubborn, { fails: 0 });
    const states: string[] = [];
    for await (const { state } of system.holdfast.watch(id)) states.push(state);
    expect(states.at(-1)).toBe('done');
  });

  test('time is skipped by itself', async () => {
    const { id } = await system.holdfast.enqueue(send, { to: 'eve' }, { delayMs: DAY });
    await system.sleep(2 * DAY);
    expect(await system.holdfast.job(id)).toMatchObject({ state: 'done' });
  });
});

test('a system whose kinds are not usable does not start', async () => {
  const idle = defineJob('Idle', { args: z.object({}) });
  await expect(startTestSystem({ jobs: [idle] })).rejects.toThrow(JobDefinitionError);
  await expect(startTestSystem({ jobs: [discard, discard] })).rejects.toThrow('the kind Discard is listed twice');
});

test('what is disposed of leaves nothing behind, and teardown is called once, when nothing runs any more', async () => {
  const said: string[] = [];
  const system = await startTestSystem({
    jobs: [wait],
    setup: (): World => ({ sent: said }),
    teardown: ({ sent }) => void sent.push('teardown'),
  });
  const job = await system.holdfast.enqueue(wait, {});
  const { id } = job;
  const waiting = system.holdfast.result(job);
  waiting.catch(() => undefined);
  await vi.waitFor(async () => expect(await system.holdfast.job(id)).toMatchObject({ state: 'running' }), 10_000);
  const before = performance.now();
  await system[Symbol.asyncDispose]();
  expect(performance.now() - before).toBeLessThan(10_000);
  expect(said).toEqual(['asked to end', 'teardown']);
  await expect(waiting).rejects.toThrow('the connection was closed meanwhile');
  expect(await isListening(system.temporalAddress, 1_000)).toBe(false);
  await system[Symbol.asyncDispose]();
  expect(said).toHaveLength(2);
});

test('a setup that fails leaves nothing behind', async () => {
  const failing = startTestSystem({
    jobs: [discard],
    setup() {
      throw new Error('no database');
    },
  });
  await expect(failing).rejects.toThrow('no database');
});
