/** A real browser for tests: Chromium as it is installed, with nothing of its own going on. */
import axe from 'axe-core';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { commandRunner } from '../../src/dev/run-command.ts';
import { findBrowser } from '../../src/dev/test-browser.ts';

const SWITCHES = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const PHONE = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2 } as const;

export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: await findChromium(), args: SWITCHES });
}

async function findChromium(): Promise<string> {
  const run = commandRunner(process.cwd(), process.env);
  // `bin/test` has looked already, and fetched one where there was none.
  const found =
    process.env['CHROMIUM_PATH'] ||
    (await findBrowser({ environment: process.env, isRoot: false, run, note: () => undefined }));
  if (found === undefined)
    throw new Error('There is no Chromium: run bin/test, which fetches one, or set CHROMIUM_PATH.');
  return found;
}

export interface Tab extends AsyncDisposable {
  readonly page: Page;
  /** What the page complained about: script errors, refused content, failed requests that it should not have made. */
  readonly complaints: string[];
}

/** A page in a fresh profile, in Berlin, so that a mix-up of UTC and local time shows. */
export async function openTab(browser: Browser, baseURL: string, options: BrowserContextOptions = {}): Promise<Tab> {
  const context = await browser.newContext({ baseURL, locale: 'en-GB', timezoneId: 'Europe/Berlin', ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
}

/** What axe finds that keeps people out, a line each. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<axe.AxeResults>('axe.run()');
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${impact} ${id} at ${target.join(' ')}: ${failureSummary}`),
  );
}

/** How far the page is wider than its window. */
export async function overflow(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}
