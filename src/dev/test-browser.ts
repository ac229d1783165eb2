/** Chromium for the browser tests: one that is installed, else Playwright's own, else Debian's. */
import { glob, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MachineError } from '../process/errors.ts';
import { findOnPath, isExecutable } from '../process/find-on-path.ts';
import type { RunCommand } from './run-command.ts';

export interface BrowserMachine {
  /** `CHROMIUM_PATH` and `PATH` are looked at. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether this user may install packages of the system. */
  readonly isRoot: boolean;
  readonly run: RunCommand;
  /** Told before a download, which takes a while, and of one that failed. */
  readonly note: (line: string) => void;
}

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
const PLAYWRIGHT = fileURLToPath(new URL('../../node_modules/playwright-core/cli.js', import.meta.url));
const SHELL = 'chromium-headless-shell';

const START_MS = 30_000;
const ASK_MS = 30_000;
/** Of some 100 MB. Beyond it the host is as good as unreachable, and there may be another way. */
const DOWNLOAD_MS = 4 * 60_000;
const PACKAGES_MS = 10 * 60_000;

/** @returns the path of a browser that starts, which is fetched first when there is none @throws {MachineError} saying what to do */
export async function ensureBrowser(machine: BrowserMachine): Promise<string> {
  const browser = (await findBrowser(machine)) ?? (await fetchFromPlaywright(machine)) ?? (await fetchFromApt(machine));
  if (browser !== undefined) return browser;
  throw new MachineError(
    'The browser tests need Chromium, and none could be fetched. Install it (Debian: apt install chromium; macOS: brew install ' +
      '--cask chromium), or set CHROMIUM_PATH to a Chromium or Chrome that you have, and start again.',
  );
}

/** Fetches nothing. @throws {MachineError} when `CHROMIUM_PATH` names no browser: another one would be a surprise */
export async function findBrowser(machine: BrowserMachine): Promise<string | undefined> {
  const { CHROMIUM_PATH } = machine.environment;
  if (CHROMIUM_PATH) {
    if (await starts(machine, CHROMIUM_PATH)) return CHROMIUM_PATH;
    throw new MachineError(`CHROMIUM_PATH is ${CHROMIUM_PATH}, and no browser starts from there. Mend or unset it.`);
  }
  return (await browserOnPath(machine)) ?? playwrightsBrowser(machine);
}

async function browserOnPath(machine: BrowserMachine): Promise<string | undefined> {
  for (const name of NAMES) {
    const path = await findOnPath(name, machine.environment['PATH']);
    // Under one of these names Ubuntu has a script that only tells of another packager.
    if (path !== undefined && (await starts(machine, path))) return path;
  }
  return undefined;
}

async function playwrightsBrowser(machine: BrowserMachine): Promise<string | undefined> {
  const { said } = await machine.run(process.execPath, [PLAYWRIGHT, 'install', '--dry-run', SHELL], ASK_MS);
  const folder = /Install location: +(?<folder>.+)/.exec(said)?.groups?.['folder'];
  if (folder === undefined) return undefined;
  for await (const file of glob('*/chrome-headless-shell', { cwd: folder })) {
    const path = join(folder, file);
    if ((await isExecutable(path)) && (await starts(machine, path))) return path;
  }
  return undefined;
}

async function fetchFromPlaywright(machine: BrowserMachine): Promise<string | undefined> {
  machine.note('Fetching Chromium for the browser tests, as Playwright has it (once) …');
  const { ok, said } = await machine.run(process.execPath, [PLAYWRIGHT, 'install', SHELL], DOWNLOAD_MS);
  if (!ok) machine.note(`Playwright could not fetch it: ${reasonIn(said)}`);
  const browser = await playwrightsBrowser(machine);
  // As on a machine without the libraries that browsers need, which Debian's package brings along.
  if (ok && browser === undefined) machine.note('The browser that Playwright fetched does not start here.');
  return browser;
}

async function fetchFromApt(machine: BrowserMachine): Promise<string | undefined> {
  const { environment, isRoot, note, run } = machine;
  const apt = await findOnPath('apt-get', environment['PATH']);
  if (!isRoot || apt === undefined) return undefined;
  note('Installing the package chromium by apt-get, for the browser tests (once) …');
  // An update may fail for a source that has nothing to do with it.
  await run(apt, ['update'], PACKAGES_MS);
  const install = ['-o', 'DPkg::Lock::Timeout=60', 'install', '-y', '--no-install-recommends', 'chromium'];
  const { ok, said } = await run(apt, install, PACKAGES_MS);
  if (!ok) note(`apt-get could not install it: ${reasonIn(said)}`);
  return browserOnPath(machine);
}

/** Whether it shows an empty page: a browser may be there and lack a library, or be a script that says where to get one. */
async function starts({ run }: BrowserMachine, path: string): Promise<boolean> {
  const profile = await mkdtemp(join(tmpdir(), 'holdfast-browser-'));
  const options = ['--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${profile}`, '--dump-dom'];
  const { ok, said } = await run(path, [...options, 'about:blank'], START_MS);
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  return ok && said.includes('<body>');
}

/** The line that says why, among the many that led there. */
function reasonIn(said: string): string {
  const lines = said.split('\n').map((line) => line.trim());
  return lines.find((line) => /^(?:E: |\w*Error: )/.test(line)) ?? lines.findLast(Boolean) ?? 'it said nothing.';
}
