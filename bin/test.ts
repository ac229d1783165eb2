import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { commandRunner } from '../src/dev/run-command.ts';
import { ensureBrowser } from '../src/dev/test-browser.ts';
import { describeError } from '../src/process/errors.ts';
import { surviveLostOutput } from '../src/process/output.ts';

surviveLostOutput();

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const { args } = new Command('bin/test')
  .description('Formatting, lint, types, unused code, then every test. With files named, only those tests.')
  .argument('[files...]', 'passed on to vitest')
  .addHelpText(
    'after',
    '\nSettings: CHROMIUM_PATH (the browser for the browser tests; else one on PATH, else one that is fetched).',
  )
  .parse();

try {
  await runAll(await findOrFetchBrowser());
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 1;
}

async function runAll(chromium: string): Promise<void> {
  const checked = args.length > 0 || (await run(chromium, 'npm', 'run', 'check'));
  const tested = await run(chromium, 'node_modules/.bin/vitest', 'run', ...args);
  if (!checked) process.stderr.write('npm run check failed; see above.\n');
  process.exitCode = checked && tested ? 0 : 1;
}

async function findOrFetchBrowser(): Promise<string> {
  return ensureBrowser({
    environment: process.env,
    isRoot: process.getuid?.() === 0,
    // A host that is silent for ten seconds is out of reach; Playwright tries five times.
    run: commandRunner(ROOT, {
      PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '10000',
      ...process.env,
      DEBIAN_FRONTEND: 'noninteractive',
    }),
    note: (line) => process.stderr.write(`${line}\n`),
  });
}

async function run(chromium: string, command: string, ...commandArguments: string[]): Promise<boolean> {
  const child = spawn(command, commandArguments, {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, CHROMIUM_PATH: chromium },
  });
  const [code] = await once(child, 'exit');
  return code === 0;
}
