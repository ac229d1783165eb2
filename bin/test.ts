import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { findOnPath } from '../src/process/find-on-path.ts';
import { surviveLostOutput } from '../src/process/output.ts';

surviveLostOutput();

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const { args } = new Command('bin/test')
  .description('Formatting, lint, types, unused code, then every test. With files named, only those tests.')
  .argument('[files...]', 'passed on to vitest')
  .addHelpText('after', '\nSettings: CHROMIUM_PATH (the browser for the browser tests; looked for on PATH).')
  .parse();

const chromium = await findChromium();
if (chromium === undefined) {
  process.stderr.write(
    'The browser tests need Chromium. Install it (Debian, Ubuntu: apt install chromium; macOS: brew install --cask chromium), ' +
      'or set CHROMIUM_PATH to a Chromium or Chrome that you have.\n',
  );
  process.exit(1);
}
const checked = args.length > 0 || (await run('npm', 'run', 'check'));
const tested = await run('node_modules/.bin/vitest', 'run', ...args);
if (!checked) process.stderr.write('npm run check failed; see above.\n');
process.exitCode = checked && tested ? 0 : 1;

async function findChromium(): Promise<string | undefined> {
  if (process.env.CHROMIUM_PATH) return process.env.CHROMIUM_PATH;
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    const path = await findOnPath(name, process.env.PATH);
    if (path !== undefined) return path;
  }
  return undefined;
}

async function run(command: string, ...commandArguments: string[]): Promise<boolean> {
  const child = spawn(command, commandArguments, {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, CHROMIUM_PATH: chromium },
  });
  const [code] = await once(child, 'exit');
  return code === 0;
}
