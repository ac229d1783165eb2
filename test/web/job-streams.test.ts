import { expect, test, vi } from 'vitest';
import { createJobStreams } from '../../src/web/live/job-streams.ts';
import { FakeJobs } from '../support/fake-jobs.ts';

test('who reads slowly misses what was in between, never the newest', async () => {
  const jobs = new FakeJobs();
  await jobs.start({ kind: 'NameWorkflow', args: { name: 'foo' } }, { idempotencyKey: 'j' });
  jobs.take('j');
  const leave = new AbortController();
  const follower = createJobStreams(jobs).follow('j', leave.signal);
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
  await jobs.start({ kind: 'NameWorkflow', args: { name: 'foo' } }, { idempotencyKey: 'j' });
  const streams = createJobStreams(jobs);
  const { signal } = new AbortController();
  const followers = [streams.follow('j', signal), streams.follow('j', signal)];
  for (const follower of followers) await follower.next();
  jobs.failure = new Error('gone');
  jobs.touch('j');
  for (const follower of followers) await expect(follower.next()).rejects.toThrow('gone');
  jobs.failure = undefined;
  const later = streams.follow('j', signal);
  expect((await later.next()).value).toMatchObject({ job: { id: 'j' } });
  await later.return();
  expect(streams.open).toBe(0);
  await vi.waitFor(() => expect(jobs.watching).toBe(0));
});
