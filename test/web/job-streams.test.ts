import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { createJobStreams, STREAM_LIMITS, type JobStreams } from '../../src/web/live/job-streams.ts';
import { FakeJobs } from '../support/fake-jobs.ts';
import { asked } from '../support/kinds.ts';

test('who reads slowly misses what was in between, never the newest', async () => {
  const jobs = new FakeJobs();
  await jobs.start(asked(), { idempotencyKey: 'j' });
  jobs.take('j');
  const leave = new AbortController();
  const follower = createJobStreams(jobs).follow('j', 'me', leave.signal);
  await follower.next();
  for (let done = 1; done <= 100; done += 1) jobs.progress('j', { done, total: 100 });
  const seen: number[] = [];
  await vi.waitFor(async () => {
    const { value } = await follower.next();
    seen.push(value?.job.progress?.done ?? 0);
    expect(seen.at(-1)).toBe(100);
  });
  expect(seen.length).toBeLessThan(100);
  leave.abort();
  expect((await follower.next()).done).toBe(true);
  await vi.waitFor(() => expect(jobs.watching).toBe(0));
});

test('an error reaches every follower, and the next one starts afresh', async () => {
  const jobs = new FakeJobs();
  await jobs.start(asked(), { idempotencyKey: 'j' });
  const streams = createJobStreams(jobs);
  const { signal } = new AbortController();
  const followers = [streams.follow('j', 'me', signal), streams.follow('j', 'me', signal)];
  for (const follower of followers) await follower.next();
  jobs.failure = new Error('gone');
  jobs.touch('j');
  for (const follower of followers) await expect(follower.next()).rejects.toThrow('gone');
  jobs.failure = undefined;
  const later = streams.follow('j', 'me', signal);
  expect((await later.next()).value).toMatchObject({ job: { id: 'j' } });
  await later.return();
  expect(streams.open).toBe(0);
  await vi.waitFor(() => expect(jobs.watching).toBe(0));
});

/** Of everybody who asks, one after the other; `undefined` for those who were given a stream. */
async function refusals(streams: JobStreams, wanted: readonly (readonly [id: string, client: string])[]) {
  const { signal } = new AbortController();
  return Promise.all(
    wanted.map(async ([id, client]) =>
      streams
        .follow(id, client, signal)
        .next()
        .then(
          () => undefined,
          (error: Error) => error.message,
        ),
    ),
  );
}

async function jobsNamed(...ids: string[]): Promise<FakeJobs> {
  const jobs = new FakeJobs();
  for (const id of ids) await jobs.start(asked(), { idempotencyKey: id });
  return jobs;
}

test('one client takes only so many places, and leaves the others theirs', async () => {
  const streams = createJobStreams(await jobsNamed('j'), { ...STREAM_LIMITS, streams: 4, streamsOfAClient: 2 });
  const wanted = ['a', 'a', 'a', 'b', 'c', 'd'].map((client) => ['j', client] as const);
  const ofAClient = 'A client has at most 2 live pages open.';
  const ofAll = 'This server keeps at most 4 live pages open.';
  expect(await refusals(streams, wanted)).toEqual([undefined, undefined, ofAClient, undefined, undefined, ofAll]);
  expect(streams.open).toBe(4);
});

test('only so many jobs are watched, and any number of pages may show one that is', async () => {
  const streams = createJobStreams(await jobsNamed('j', 'k', 'l'), { ...STREAM_LIMITS, jobs: 2 });
  const wanted = ['j', 'k', 'l', 'j'].map((id) => [id, 'me'] as const);
  const ofAll = 'This server shows at most 2 jobs live.';
  expect(await refusals(streams, wanted)).toEqual([undefined, undefined, ofAll, undefined]);
});

test('a place is free again when its stream is left', async () => {
  const streams = createJobStreams(await jobsNamed('j'), { streams: 1, streamsOfAClient: 1, jobs: 1 });
  for (let round = 0; round < 3; round += 1) {
    const follower = streams.follow('j', 'me', new AbortController().signal);
    expect((await follower.next()).done).toBe(false);
    await follower.return();
  }
  expect(streams.open).toBe(0);
});

test('many that are opened at once take turns at their first look, and those that left meanwhile take none', async () => {
  const ids = Array.from({ length: 40 }, (_, n) => `j${n}`);
  const jobs = await jobsNamed(...ids);
  const looks: string[] = [];
  const answers: (() => void)[] = [];
  const watch = jobs.watch.bind(jobs);
  jobs.watch = async function* watchSlowly(id, signal) {
    looks.push(id);
    await new Promise<void>((answer) => answers.push(answer));
    yield* watch(id, signal);
  };
  const streams = createJobStreams(jobs);
  const leave = new AbortController();
  const stay = new AbortController();
  const followers = ids.map((id, n) => streams.follow(id, 'me', n < 20 ? stay.signal : leave.signal).next());
  await nextTurn();
  expect(looks).toEqual(ids.slice(0, 8));
  leave.abort();
  while (answers.length > 0) {
    answers.shift()?.();
    await nextTurn();
  }
  expect(looks).toEqual(ids.slice(0, 20));
  const seen = (await Promise.all(followers)).map(({ value }) => value?.job.id);
  expect(seen).toEqual([...ids.slice(0, 20), ...Array.from({ length: 20 }, () => undefined)]);
});
