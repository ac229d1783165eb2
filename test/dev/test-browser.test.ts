import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { CommandEnd } from '../../src/dev/run-command.ts';
import { ensureBrowser, findBrowser, type BrowserMachine } from '../../src/dev/test-browser.ts';
import { temporaryHome, type TemporaryHome } from '../support/temporary-home.ts';

const WELL: CommandEnd = { ok: true, said: '' };
const UNREACHABLE: CommandEnd = {
  ok: false,
  said: 'Downloading …\nError: getaddrinfo ENOTFOUND\n    at somewhere\nFailed to install browsers\n',
};

interface World {
  readonly machine: BrowserMachine;
  /** What was said and done, in order; looking whether something starts is left out. */
  readonly log: string[];
  /** Puts a program there, which shows a page or does not. */
  readonly put: (path: string, isBrowser?: boolean) => Promise<string>;
  readonly bin: string;
  /** Where Playwright's own browser would be. */
  readonly shell: string;
}

interface Ways {
  readonly playwright?: (world: World) => Promise<CommandEnd>;
  readonly apt?: (world: World) => Promise<CommandEnd>;
  readonly isRoot?: boolean;
  readonly CHROMIUM_PATH?: string;
}

/** A machine with an empty PATH, on which nothing is run for real. */
async function setup(home: TemporaryHome, ways: Ways = {}): Promise<World> {
  const bin = join(home.path, 'bin');
  await mkdir(bin);
  const log: string[] = [];
  const browsers = new Set<string>();
  const world: World = {
    log,
    bin,
    shell: join(home.path, 'shell-1255', 'chrome-headless-shell-linux64', 'chrome-headless-shell'),
    put: async (path, isBrowser = true) => {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, '', { mode: 0o755 });
      if (isBrowser) browsers.add(path);
      return path;
    },
    machine: {
      environment: { PATH: bin, CHROMIUM_PATH: ways.CHROMIUM_PATH },
      isRoot: ways.isRoot ?? true,
      note: (line) => void log.push(line),
      async run(command, args) {
        if (args.includes('--dump-dom'))
          return { ok: true, said: browsers.has(command) ? '<body></body>' : 'a script' };
        if (args.includes('--dry-run'))
          return {
            ok: true,
            said: `Chrome\n  Install location:    ${dirname(dirname(world.shell))}\n  Download url: …\n`,
          };
        const isApt = command.endsWith('/apt-get');
        log.push(`(${isApt ? `apt-get ${args.at(-1)}` : args.slice(1).join(' ')})`);
        if (isApt) return args.includes('install') ? ((await ways.apt?.(world)) ?? UNREACHABLE) : WELL;
        return (await ways.playwright?.(world)) ?? UNREACHABLE;
      },
    },
  };
  return world;
}

const NOTE = {
  playwright: 'Fetching Chromium for the browser tests, as Playwright has it (once) …',
  failed: 'Playwright could not fetch it: Error: getaddrinfo ENOTFOUND',
  apt: 'Installing the package chromium by apt-get, for the browser tests (once) …',
};

test('CHROMIUM_PATH comes first, and must be a browser', async () => {
  await using home = await temporaryHome();
  const CHROMIUM_PATH = join(home.path, 'mine');
  const world = await setup(home, { CHROMIUM_PATH });
  await world.put(join(world.bin, 'chromium'));
  await expect(ensureBrowser(world.machine)).rejects.toThrow(
    `CHROMIUM_PATH is ${CHROMIUM_PATH}, and no browser starts from there. Mend or unset it.`,
  );
  await world.put(CHROMIUM_PATH);
  expect(await ensureBrowser(world.machine)).toBe(CHROMIUM_PATH);
  expect(world.log).toEqual([]);
});

test('then one on PATH; a script under its name, which starts none, is passed over', async () => {
  await using home = await temporaryHome();
  const world = await setup(home);
  await world.put(join(world.bin, 'chromium-browser'), false);
  const chrome = await world.put(join(world.bin, 'google-chrome'));
  expect(await ensureBrowser(world.machine)).toBe(chrome);
  expect(world.log).toEqual([]);
});

test('then Playwright’s own, which is fetched once', async () => {
  await using home = await temporaryHome();
  const world = await setup(home, { playwright: async ({ put, shell }) => put(shell).then(() => WELL) });
  expect(await findBrowser(world.machine)).toBe(undefined);
  expect(await ensureBrowser(world.machine)).toBe(world.shell);
  expect(await ensureBrowser(world.machine)).toBe(world.shell);
  expect(world.log).toEqual([NOTE.playwright, '(install chromium-headless-shell)']);
});

test('then Debian’s, where Playwright’s host is out of reach', async () => {
  await using home = await temporaryHome();
  const world = await setup(home, { apt: async ({ put, bin }) => put(join(bin, 'chromium')).then(() => WELL) });
  await world.put(join(world.bin, 'apt-get'), false);
  expect(await ensureBrowser(world.machine)).toBe(join(world.bin, 'chromium'));
  expect(world.log).toEqual([
    NOTE.playwright,
    '(install chromium-headless-shell)',
    NOTE.failed,
    NOTE.apt,
    '(apt-get update)',
    '(apt-get chromium)',
  ]);
});

test('also where Playwright’s was fetched and lacks a library', async () => {
  await using home = await temporaryHome();
  const world = await setup(home, {
    playwright: async ({ put, shell }) => put(shell, false).then(() => WELL),
    apt: async ({ put, bin }) => put(join(bin, 'chromium')).then(() => WELL),
  });
  await world.put(join(world.bin, 'apt-get'), false);
  expect(await ensureBrowser(world.machine)).toBe(join(world.bin, 'chromium'));
  expect(world.log).toContain('The browser that Playwright fetched does not start here.');
});

test.each([
  ['no right to install packages', { isRoot: false }, true, [NOTE.failed]],
  ['no apt-get', {}, false, [NOTE.failed]],
  [
    'no such package',
    { apt: async () => ({ ok: false, said: 'Reading lists…\nE: Unable to locate package chromium\n' }) },
    true,
    [NOTE.failed, 'apt-get could not install it: E: Unable to locate package chromium'],
  ],
])('with %s, a sentence says what to do', async (_why, ways: Ways, hasApt, failures) => {
  await using home = await temporaryHome();
  const world = await setup(home, ways);
  if (hasApt) await world.put(join(world.bin, 'apt-get'), false);
  await expect(ensureBrowser(world.machine)).rejects.toThrow(
    /none could be fetched\. Install it .*, or set CHROMIUM_PATH to .*, and start again\.$/,
  );
  expect(world.log.filter((line) => line.includes('could not'))).toEqual(failures);
});
