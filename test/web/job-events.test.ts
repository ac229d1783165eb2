import { afterEach, describe, expect, test, vi } from 'vitest';
import { readEvents } from '../support/read-events.ts';
import { webWorld, type WebWorld } from '../support/web-app.ts';

const worlds: WebWorld[] = [];

function world(options?: Parameters<typeof webWorld>[0]): WebWorld {
  const made = webWorld(options);
  worlds.push(made);
  return made;
}

// No test may leave a stream or a watch open.
afterEach(async () => {
  vi.useRealTimers();
  for (const { streams, jobs } of worlds.splice(0)) {
    streams.stop();
    await vi.waitFor(() => {
      if (streams.open + jobs.watching > 0)
        throw new Error(`left open: ${streams.open} streams, ${jobs.watching} watches`);
    });
  }
});

const nothingOpen = ({ streams, jobs }: WebWorld): Promise<void> =>
  vi.waitFor(() => expect({ open: streams.open, watching: jobs.watching }).toEqual({ open: 0, watching: 0 }));

test('a job is sent at once, after every change and to its end', async () => {
  const w = world();
  await w.start('j', { delayMs: 60_000 });
  const response = await w.get('/jobs/j/events');
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  expect(response.headers.get('cache-control')).toContain('no-cache');
  expect(response.headers.get('x-accel-buffering')).toBe('no');
  const events = readEvents(response);
  expect((await events.next())?.retry).toBe('1000');
  expect((await events.until('job')).data).toContain('data-state="scheduled"');
  w.jobs.take('j');
  expect((await events.until('job')).data).toContain('data-state="running"');
  w.jobs.finish('j', 'Hello, foo');
  const last = await events.until('job');
  expect(last.data).toContain('Hello, foo');
  expect((await events.next())?.event).toBe('end');
  expect(await events.next()).toBeUndefined();
  await nothingOpen(w);
});

test('what is sent is the middle of the page, and escaped like it', async () => {
  const w = world();
  await w.start('j', { args: { name: '<script>alert(1)</script>' }, delayMs: 60_000 });
  const events = readEvents(await w.get('/jobs/j/events'));
  const { data } = await events.until('job');
  const page = await (await w.get('/jobs/j')).text();
  expect(page).toContain(data);
  expect(data).not.toContain('<script>');
  await events.leave();
});

test('a job that has ended is sent once', async () => {
  const w = world();
  await w.start('j');
  w.jobs.take('j');
  w.jobs.finish('j', 'Hello, foo');
  const events = readEvents(await w.get('/jobs/j/events'));
  await events.until('job');
  expect((await events.next())?.event).toBe('end');
  expect(await events.next()).toBeUndefined();
});

test('a browser that comes back is not sent what it has', async () => {
  const w = world();
  await w.start('j', { delayMs: 60_000 });
  const first = readEvents(await w.get('/jobs/j/events'));
  const { id = '' } = await first.until('job');
  await first.leave();
  const again = readEvents(await w.get('/jobs/j/events', { 'last-event-id': id }));
  expect((await again.next())?.retry).toBe('1000');
  w.jobs.take('j');
  const next = await again.until('job');
  expect(next.data).toContain('data-state="running"');
  expect(next.id).not.toBe(id);
  await again.leave();
});

test('a browser that comes back after a change is sent the change', async () => {
  const w = world();
  await w.start('j', { delayMs: 60_000 });
  const first = readEvents(await w.get('/jobs/j/events'));
  const { id = '' } = await first.until('job');
  await first.leave();
  await w.jobs.act('j', { type: 'pause' });
  const again = readEvents(await w.get('/jobs/j/events', { 'last-event-id': id }));
  expect((await again.until('job')).data).toContain('data-state="paused"');
  await again.leave();
});

test('a silent stream is kept open by comments', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const w = world();
  await w.start('j', { delayMs: 60_000 });
  const events = readEvents(await w.get('/jobs/j/events'));
  await events.until('job');
  vi.advanceTimersByTime(15_000);
  expect((await events.next())?.comment).toBe('still here');
  await events.leave();
});

test('leaving the page releases the watch', async () => {
  const w = world();
  await w.start('j', { delayMs: 60_000 });
  const events = readEvents(await w.get('/jobs/j/events'));
  await events.until('job');
  expect(w.jobs.watching).toBe(1);
  await events.leave();
  await nothingOpen(w);
});

test('several tabs share one watch, which lasts as long as the last of them', async () => {
  const w = world();
  await w.start('j', { delayMs: 60_000 });
  const tabs = [];
  for (let tab = 0; tab < 3; tab += 1) tabs.push(readEvents(await w.get('/jobs/j/events')));
  for (const tab of tabs) await tab.until('job');
  expect({ open: w.streams.open, watched: w.jobs.watched }).toEqual({ open: 3, watched: 1 });
  await tabs[0]?.leave();
  await vi.waitFor(() => expect(w.streams.open).toBe(2));
  w.jobs.take('j');
  for (const tab of tabs.slice(1)) expect((await tab.until('job')).data).toContain('data-state="running"');
  expect(w.jobs.watching).toBe(1);
  for (const tab of tabs.slice(1)) await tab.leave();
  await nothingOpen(w);
});

test('a tab opened after the others left gets a watch of its own', async () => {
  const w = world();
  await w.start('j', { delayMs: 60_000 });
  for (let round = 1; round <= 2; round += 1) {
    const tab = readEvents(await w.get('/jobs/j/events'));
    await tab.until('job');
    await tab.leave();
    await nothingOpen(w);
    expect(w.jobs.watched).toBe(round);
  }
});

test('more streams than the limit are refused, and room is made by leaving', async () => {
  const w = world({ streamLimits: { streams: 1 } });
  await w.start('j', { delayMs: 60_000 });
  const first = readEvents(await w.get('/jobs/j/events'));
  await first.until('job');
  const refused = await w.get('/jobs/j/events');
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('10');
  await first.leave();
  await vi.waitFor(async () => {
    const next = await w.get('/jobs/j/events');
    expect(next.status).toBe(200);
    await readEvents(next).leave();
  });
});

test('an unknown job is 404', async () => {
  expect((await world().get('/jobs/nobody/events')).status).toBe(404);
});

test('a Temporal that does not answer is 503', async () => {
  const w = world();
  await w.start('j');
  w.jobs.unreachable();
  expect((await w.get('/jobs/j/events')).status).toBe(503);
});

test('an error under way ends the stream without an end event and without a word about it', async () => {
  const w = world();
  await w.start('j', { delayMs: 60_000 });
  const events = readEvents(await w.get('/jobs/j/events'));
  await events.until('job');
  w.jobs.failure = new Error('secret');
  w.jobs.touch('j');
  expect(await events.next()).toBeUndefined();
  expect(w.log.some((line) => line.includes('http.stream_failed') && line.includes('secret'))).toBe(true);
  await nothingOpen(w);
});

describe('stopping', () => {
  test('ends every stream and releases every watch', async () => {
    const w = world();
    await w.start('a', { delayMs: 60_000 });
    await w.start('b', { delayMs: 60_000 });
    const tabs = [readEvents(await w.get('/jobs/a/events')), readEvents(await w.get('/jobs/b/events'))];
    for (const tab of tabs) await tab.until('job');
    w.streams.stop();
    w.streams.stop();
    for (const tab of tabs) expect(await tab.next()).toBeUndefined();
    await nothingOpen(w);
  });

  test('lets no stream begin', async () => {
    const w = world();
    await w.start('j', { delayMs: 60_000 });
    w.streams.stop();
    const events = readEvents(await w.get('/jobs/j/events'));
    expect((await events.next())?.retry).toBe('1000');
    expect(await events.next()).toBeUndefined();
  });
});
