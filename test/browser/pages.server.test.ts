/** What a person sees and does, in a real browser on the real stack. */
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { apiClient, type ApiClient } from '../support/api-client.ts';
import { accessibilityProblems, launchBrowser, openTab, overflow, PHONE } from '../support/browser.ts';
import { startStack, type Stack } from '../support/stack.ts';

let stack: Stack;
let browser: Browser;
let api: ApiClient;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(inject('temporalCli')), launchBrowser()]);
  api = apiClient(stack.url);
}, 90_000);

afterAll(async () => {
  await browser.close();
  await stack[Symbol.asyncDispose]();
}, 60_000);

const HELLO = 'Hello, foo';

function button(page: Page, name: string): Locator {
  return page.getByRole('button', { name, exact: true });
}

function focused(page: Page): Promise<string> {
  return page.evaluate<string>('document.activeElement.id || document.activeElement.textContent.trim()');
}

test('a visit with a name shows the countdown, then the result, without a reload', async () => {
  await using tab = await openTab(browser, stack.url);
  const { page } = tab;
  await page.goto('/?name=foo');
  expect(page.url()).toMatch(/\/jobs\/name-[\w-]+$/);
  const clock = page.getByRole('timer');
  await clock.getByText(/^0:0[1-9]$/).waitFor();
  await page.evaluate('window.neverReloaded = true');
  await page.getByText(HELLO, { exact: true }).waitFor({ timeout: 15_000 });
  expect(await page.evaluate('window.neverReloaded')).toBe(true);
  expect(await clock.count()).toBe(0);
  expect(await page.title()).toBe('done: NameWorkflow · Holdfast');
  expect(await page.getByText('Attempt 1 succeeded').count()).toBe(1);
  expect(tab.complaints).toEqual([]);
});

test('the form starts a job, and loading its page again starts no other', async () => {
  await using tab = await openTab(browser, stack.url);
  const { page } = tab;
  await page.goto('/');
  await page.getByLabel('Your name').fill('Ada <b>');
  await page.getByRole('button', { name: 'Say hello' }).click();
  await page.getByText('Ada <b>', { exact: true }).waitFor();
  const url = page.url();
  await page.reload();
  expect(page.url()).toBe(url);
  await page.goto('/');
  const [newest] = await page.locator('.jobs-id a').allTextContents();
  expect(url).toContain(newest);
});

test('a job is rescheduled from its page, in the reader’s own time', async () => {
  await using tab = await openTab(browser, stack.url);
  const { page } = tab;
  const { id } = await api.start('NameWorkflow', { name: 'foo' }, { dueAt: '2029-07-01T10:00:00.000Z' });
  await page.goto(`/jobs/${id}`);
  const field = page.getByLabel('Due at (Europe/Berlin)');
  await vi.waitFor(async () => expect(await field.inputValue()).toBe('2029-07-01T12:00'));
  await field.fill('2030-07-01T09:30:15');
  await button(page, 'Reschedule').click();
  await vi.waitFor(async () => expect((await api.read(id)).dueAt).toBe('2030-07-01T07:30:15.000Z'));
  await button(page, '+1 h').click();
  await vi.waitFor(async () => expect((await api.read(id)).dueAt).toBe('2030-07-01T08:30:15.000Z'));
  await button(page, 'Run now').click();
  await page.getByText(HELLO, { exact: true }).waitFor();
  expect(tab.complaints).toEqual([]);
});

test('pause, resume and cancel are a click away, ending a job two', async () => {
  await using tab = await openTab(browser, stack.url);
  const { page } = tab;
  const { id } = await api.start('NameWorkflow', { name: 'foo' }, { delayMs: 600_000 });
  await page.goto(`/jobs/${id}`);
  await button(page, 'Pause').click();
  await page.getByText('Waits until somebody resumes it.').waitFor();
  await button(page, 'Resume').click();
  await page.getByText('Waits for its due time.').waitFor();
  expect(await button(page, 'Cancel').isVisible()).toBe(false);
  await page.getByText('End this job').click();
  await button(page, 'Cancel').click();
  await page.getByText('Ended because somebody cancelled it.').waitFor();
  expect(await page.locator('form').count()).toBe(0);
});

test('what others change shows at once and leaves alone what the reader types', async () => {
  await using tab = await openTab(browser, stack.url);
  const { page } = tab;
  const { id } = await api.start('NameWorkflow', { name: 'foo' }, { delayMs: 600_000 });
  await page.goto(`/jobs/${id}`);
  await page.getByText('Live', { exact: true }).waitFor();
  const field = page.getByLabel('Due at');
  await field.fill('2031-02-03T04:05:06');
  await page.getByText('End this job').click();
  await field.focus();
  await api.act(id, 'pause');
  await page.getByText('Waits until somebody resumes it.').waitFor();
  expect(await field.inputValue()).toBe('2031-02-03T04:05:06');
  expect(await focused(page)).toBe('due-at');
  expect(await button(page, 'Discard').isVisible()).toBe(true);
});

test('a report shows its progress while it runs', async () => {
  await using tab = await openTab(browser, stack.url);
  const { page } = tab;
  const { id } = await api.start('WriteReport', { rows: 300, msPerRow: 10 });
  await page.goto(`/jobs/${id}`);
  await page.getByText('Progress:').waitFor();
  const progress = async (): Promise<number> => Number(await page.locator('progress').getAttribute('value'));
  const before = await progress();
  await vi.waitFor(async () => expect(await progress()).toBeGreaterThan(before), { timeout: 5_000 });
  await page.getByText('"rows": 300').waitFor({ timeout: 15_000 });
});

test('a queue without workers is said on the page, and the job can still be moved', async () => {
  await using tab = await openTab(browser, stack.url);
  const { page } = tab;
  const { id } = await api.start('NameWorkflow', { name: 'foo' }, { queue: 'nobodys' });
  await page.goto(`/jobs/${id}`);
  await page.getByText('No worker serves the queue nobodys').waitFor();
  await page.getByText('bin/hard_worker --queue nobodys').waitFor();
  await button(page, 'Pause').click();
  await page.getByText('Waits until somebody resumes it.').waitFor();
  expect((await api.read(id)).state).toBe('paused');
});

test('without any worker the page says so, and what is asked then is done when one is back', async () => {
  await using tab = await openTab(browser, stack.url);
  const { page } = tab;
  const { id } = await api.start('NameWorkflow', { name: 'foo' }, { delayMs: 600_000 });
  await page.goto(`/jobs/${id}`);
  // Held still, bin/dev starts nothing again.
  process.kill(stack.program.pid, 'SIGSTOP');
  try {
    await stack.rip('worker');
    await page.getByText('No worker is running').waitFor({ timeout: 15_000 });
    await button(page, 'Run now').click();
    await page.getByText('Run now takes effect when a worker is back').waitFor();
  } finally {
    process.kill(stack.program.pid, 'SIGCONT');
  }
  await page.getByText(HELLO, { exact: true }).waitFor({ timeout: 20_000 });
  expect(await page.getByText('No worker is running').count()).toBe(0);
});

test('a page outlives the web server’s death', async () => {
  await using tab = await openTab(browser, stack.url);
  const { page } = tab;
  const { id } = await api.start('NameWorkflow', { name: 'foo' }, { delayMs: 600_000 });
  await page.goto(`/jobs/${id}`);
  const connection = page.locator('#connection');
  await connection.getByText('Live').waitFor();
  await stack.rip('web');
  await connection.getByText('Reconnecting').waitFor();
  await connection.getByText('Live').waitFor({ timeout: 15_000 });
  await api.act(id, 'run-now');
  await page.getByText(HELLO, { exact: true }).waitFor();
  expect(await connection.textContent()).toBe('');
});

test('a page outlives Temporal’s death, and says how old it is meanwhile', async () => {
  await using tab = await openTab(browser, stack.url);
  const { page } = tab;
  const { id } = await api.start('NameWorkflow', { name: 'foo' }, { delayMs: 5_000 });
  await page.goto(`/jobs/${id}`);
  await page.getByText('Live', { exact: true }).waitFor();
  process.kill(stack.program.pid, 'SIGSTOP');
  try {
    await stack.rip('temporal');
    await page.getByText('Temporal does not answer').waitFor({ timeout: 15_000 });
    await using other = await openTab(browser, stack.url);
    const response = await other.page.goto('/');
    expect(response?.status()).toBe(200);
    await other.page.getByText('Temporal does not answer').waitFor();
  } finally {
    process.kill(stack.program.pid, 'SIGCONT');
  }
  await page.getByText(HELLO, { exact: true }).waitFor({ timeout: 30_000 });
  expect(await page.getByText('Temporal does not answer').count()).toBe(0);
}, 60_000);

test('an id with a slash and a space’s neighbours has a page that works', async () => {
  await using tab = await openTab(browser, stack.url);
  const { page } = tab;
  const id = `it's/a?key#1%2F&${Date.now()}`;
  const headers = { 'content-type': 'application/json', 'idempotency-key': id };
  const body = JSON.stringify({ kind: 'NameWorkflow', args: { name: 'foo' }, delayMs: 600_000 });
  await fetch(`${stack.url}/api/jobs`, { method: 'POST', headers, body });
  await page.goto('/');
  await page.getByRole('link', { name: id }).click();
  await button(page, 'Run now').click();
  await page.getByText(HELLO, { exact: true }).waitFor();
  expect(decodeURIComponent(new URL(page.url()).pathname)).toBe(`/jobs/${id}`);
});

test('a group is one row, opens to its jobs, and is moved as a whole or job by job', async () => {
  await using tab = await openTab(browser, stack.url);
  const { page } = tab;
  const names = Array.from({ length: 12 }, (_, n) => ({ name: `friend ${n}` }));
  const [first = '', second = ''] = await api.startMany('NameWorkflow', names, { delayMs: 600_000 });
  await page.goto('/');
  await page.getByRole('link', { name: '12 jobs' }).first().click();
  await page.getByRole('heading', { name: '12 jobs' }).waitFor();
  expect(first).toBe(`${new URL(page.url()).pathname.replace('/groups/', '')}.0`);
  await button(page, 'Pause').click();
  await vi.waitFor(async () => expect((await api.read(second)).state).toBe('paused'));
  await page.getByRole('link', { name: 'Job 0', exact: true }).click();
  await button(page, 'Run now').click();
  await page.getByText('Hello, friend 0', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'Group', exact: true }).click();
  await page.getByText('1 of 12 ended').waitFor();
  await button(page, 'Run now').click();
  await page.getByText('12 of 12 ended').waitFor();
  expect(tab.complaints).toEqual([]);
});

test('a command is copied as it is shown', async () => {
  await using tab = await openTab(browser, stack.url, { permissions: ['clipboard-read', 'clipboard-write'] });
  const { page } = tab;
  await page.goto('/');
  await page.getByRole('button', { name: 'Copy: bin/rip all' }).click();
  await page.getByText('Copied').waitFor();
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe('bin/rip all');
});

describe('without a script', () => {
  const options = { javaScriptEnabled: false };

  test('the form starts a job, whose page reloads itself until the result is there', async () => {
    await using tab = await openTab(browser, stack.url, options);
    const { page } = tab;
    await page.goto('/');
    await page.getByLabel('Your name').fill('foo');
    await page.getByRole('button', { name: 'Say hello' }).click();
    await page.getByText('Waits for its due time.').waitFor();
    await page.getByText(HELLO, { exact: true }).waitFor({ timeout: 20_000 });
    expect(await page.getByText('This page reloads').count()).toBe(0);
  });

  test('a job is rescheduled in UTC, on a page that holds still', async () => {
    await using tab = await openTab(browser, stack.url, options);
    const { page } = tab;
    const { id } = await api.start('NameWorkflow', { name: 'foo' }, { dueAt: '2029-07-01T10:00:00.000Z' });
    await page.goto(`/jobs/${id}`);
    await page.getByRole('link', { name: 'Hold it still' }).click();
    const field = page.getByLabel('Due at (UTC)');
    expect(await field.inputValue()).toBe('2029-07-01T10:00');
    await field.fill('2030-07-01T09:30');
    await button(page, 'Reschedule').click();
    await vi.waitFor(async () => expect((await api.read(id)).dueAt).toBe('2030-07-01T09:30:00.000Z'));
  });
});

describe('for everybody', () => {
  let paths: string[];
  beforeAll(async () => {
    const waiting = await api.start('NameWorkflow', { name: 'x'.repeat(100) }, { delayMs: 3_600_000 });
    const running = await api.start('WriteReport', { rows: 100_000, msPerRow: 20 });
    const retrying = await api.start(
      'WriteReport',
      { rows: 2, msPerRow: 0, failFirst: true },
      { retryDelaysMs: [3_600_000] },
    );
    const dead = await api.start('WriteReport', { rows: 2, msPerRow: 0, failFirst: true }, { maxAttempts: 1 });
    const done = await api.start('NameWorkflow', { name: 'foo' });
    const stuck = await api.start('NameWorkflow', { name: 'foo' }, { queue: 'nobodys' });
    await api.reaches(running.id, 'running');
    await api.reaches(retrying.id, 'retrying');
    await api.reaches(dead.id, 'dead');
    await api.reaches(done.id, 'done');
    const [inGroup = ''] = await api.startMany('NameWorkflow', [{ name: 'a' }, { name: 'b' }], { delayMs: 3_600_000 });
    const jobs = [waiting, running, retrying, dead, done, stuck].map(({ id }) => `/jobs/${id}`);
    const group = `/groups/${inGroup.replace('.0', '')}`;
    paths = ['/', '/?name=', '/jobs/nobody', '/api/docs', group, `/jobs/${inGroup}`, ...jobs];
  }, 60_000);

  test.each(['light', 'dark'] as const)('axe finds nothing to mend in %s', async (colorScheme) => {
    await using tab = await openTab(browser, stack.url, { colorScheme });
    for (const path of paths) {
      await tab.page.goto(path);
      expect({ path, problems: await accessibilityProblems(tab.page) }).toEqual({ path, problems: [] });
    }
  });

  // 320 is what a page on a desk has at four times its size.
  test.each([PHONE.viewport.width, 320])('no page is wider than a screen of %d pixels', async (width) => {
    await using tab = await openTab(browser, stack.url, { viewport: { width, height: 740 } });
    for (const path of paths) {
      await tab.page.goto(path);
      expect({ path, overflow: await overflow(tab.page) }).toEqual({ path, overflow: 0 });
    }
  });

  test('the keyboard gets past the header at once, and sees where it is', async () => {
    await using tab = await openTab(browser, stack.url);
    const { page } = tab;
    await page.goto('/');
    await page.keyboard.press('Tab');
    const skip = page.getByRole('link', { name: 'Skip to the content' });
    expect(await focused(page)).toBe('Skip to the content');
    expect((await skip.boundingBox())?.width).toBeGreaterThan(100);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('name');
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
  });
});
