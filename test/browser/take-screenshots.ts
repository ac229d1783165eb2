/** `npm run screenshots`: the pictures of docs/images, taken of the real stack. Never part of a test run, which must not change files. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { loadConfig } from '../../src/config/config.ts';
import { findTemporalCli } from '../../src/dev/temporal-cli.ts';
import { apiClient } from '../support/api-client.ts';
import { launchBrowser, openTab, PHONE } from '../support/browser.ts';
import { startStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const IMAGES = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const DESK = { viewport: { width: 1200, height: 860 } } as const;
const DARK = { ...DESK, colorScheme: 'dark' } as const;

const note = (message: string): void => void process.stderr.write(`${message}\n`);
const { home } = loadConfig(process.env);
const cli = await findTemporalCli({ home, searchPath: process.env.PATH, note });
await mkdir(IMAGES, { recursive: true });
await using stack = await startStack(cli.path);
await using browser = await launchBrowser();
const api = apiClient(stack.url);

const done = await api.start('NameWorkflow', { name: 'foo' });
const dead = await api.start('WriteReport', { rows: 80, msPerRow: 5, failFirst: true }, { maxAttempts: 1 });
const retrying = await api.start(
  'WriteReport',
  { rows: 80, msPerRow: 5, failFirst: true },
  { retryDelaysMs: [240_000] },
);
const running = await api.start('WriteReport', { rows: 900, msPerRow: 15 });
await Promise.all([
  api.reaches(done.id, 'done'),
  api.reaches(dead.id, 'dead'),
  api.reaches(retrying.id, 'retrying'),
  api.reaches(running.id, 'running'),
]);
// So that the running report has lost a worker and gone on from its checkpoint.
const [, pid] = /^worker-(\d+)@/.exec((await api.read(running.id)).attempts.at(-1)?.worker ?? '') ?? [];
process.kill(Number(pid), 'SIGKILL');
await until('the report has lost a worker', async () => (await api.read(running.id)).crashes === 1, 15_000);
await api.reaches(running.id, 'running');
const waiting = await api.start('NameWorkflow', { name: 'foo' }, { delayMs: 10_000 });

await take(browser, 'job-waiting', `/jobs/${waiting.id}`, DESK);
await until('the report shows progress', async () => ((await api.read(running.id)).progress?.done ?? 0) > 300, 30_000);
await take(browser, 'job-running', `/jobs/${running.id}`, DESK);
await take(browser, 'job-running-dark', `/jobs/${running.id}`, DARK);
await take(browser, 'job-phone', `/jobs/${retrying.id}`, PHONE);
const friends = Array.from({ length: 480 }, (_, n) => ({ name: `friend ${n}` }));
const inGroup = await api.startMany('NameWorkflow', friends, { delayMs: 3_600_000 });
for (const id of inGroup.slice(0, 60)) await api.act(id, 'run-now');
for (const id of inGroup.slice(60, 90)) await api.act(id, 'pause');
await take(browser, 'group', `/groups/${inGroup[0]?.replace('.0', '')}`, DESK);
await take(browser, 'home', '/', DESK);
await take(browser, 'home-dark', '/', DARK);
await take(browser, 'job-retrying', `/jobs/${retrying.id}`, DESK);
await take(browser, 'job-dead', `/jobs/${dead.id}`, DESK);
await take(browser, 'job-done', `/jobs/${done.id}`, DESK);
await take(browser, 'api-docs', '/api/docs', DESK);

// Held still, bin/dev starts nothing again, so the page shows what it says without any worker.
process.kill(stack.program.pid, 'SIGSTOP');
try {
  await stack.rip('worker');
  await until('the workers are missed', async () => (await workers()) === 'none', 15_000);
  await api.act(retrying.id, 'run-now');
  await take(browser, 'job-no-worker', `/jobs/${retrying.id}`, DESK);
} finally {
  process.kill(stack.program.pid, 'SIGCONT');
}

async function workers(): Promise<string> {
  const response = await fetch(`${stack.url}/readyz`);
  return ((await response.json()) as { workers: string }).workers;
}

async function take(from: Browser, name: string, path: string, options: BrowserContextOptions): Promise<void> {
  await using tab = await openTab(from, stack.url, options);
  await tab.page.goto(path, { waitUntil: 'load' });
  // Times are in the reader's zone once the script has run; a live page says that it is.
  await tab.page.locator('time').filter({ hasText: 'UTC' }).first().waitFor({ state: 'detached' });
  const live = tab.page.locator('#live[data-events]');
  if ((await live.count()) > 0) await tab.page.getByText('Live', { exact: true }).waitFor();
  const file = join(IMAGES, `${name}.png`);
  await tab.page.screenshot({ path: file });
  note(file);
}
