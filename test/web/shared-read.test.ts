import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { sharedRead } from '../../src/web/shared-read.ts';
import { webWorld } from '../support/web-app.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

test('many loads of the home page share one read of the list, for half a second', async () => {
  const world = webWorld();
  await world.start('first');
  const latest = vi.spyOn(world.jobs, 'latest');
  const pages = await Promise.all(Array.from({ length: 20 }, async () => (await world.get('/')).text()));
  for (const page of pages) expect(page).toContain('/jobs/first');
  expect(latest).toHaveBeenCalledTimes(1);

  await world.start('second');
  await vi.advanceTimersByTimeAsync(499);
  expect(await (await world.get('/')).text()).not.toContain('/jobs/second');
  await vi.advanceTimersByTimeAsync(1);
  expect(await (await world.get('/')).text()).toContain('/jobs/second');
  expect(latest).toHaveBeenCalledTimes(2);
});

test('many who ask whether web is ready share one answer', async () => {
  const world = webWorld();
  const health = vi.spyOn(world.jobs, 'health');
  await Promise.all(Array.from({ length: 20 }, async () => world.get('/readyz')));
  expect(health).toHaveBeenCalledTimes(1);
});

test('a read that takes longer is shared until it answers, and its answer from then on', async () => {
  const answer = Promise.withResolvers<string>();
  const read = vi.fn<() => Promise<string>>(async () => answer.promise);
  const ask = sharedRead(read);
  const early = ask();
  await vi.advanceTimersByTimeAsync(3_000);
  const late = ask();
  answer.resolve('slow');
  expect(await Promise.all([early, late, ask()])).toEqual(['slow', 'slow', 'slow']);
  expect(read).toHaveBeenCalledTimes(1);
});

test('a failure is shared by those who wait for it alone', async () => {
  const read = vi.fn<() => Promise<string>>().mockRejectedValueOnce(new Error('away')).mockResolvedValueOnce('back');
  const ask = sharedRead(read);
  expect(await Promise.allSettled([ask(), ask()])).toEqual([
    expect.objectContaining({ status: 'rejected' }),
    expect.objectContaining({ status: 'rejected' }),
  ]);
  expect(await ask()).toBe('back');
  expect(read).toHaveBeenCalledTimes(2);
});
