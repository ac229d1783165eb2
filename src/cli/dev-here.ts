/** `holdfast dev`: the service in the folder that it is started in, begun anew when its code changes. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import type { ProcfileEntry } from '../dev/procfile.ts';
import { shellQuote } from '../web/shell-quote.ts';
import { devCommand, type Stack } from './dev.ts';
import { CONFIG_OPTION, configFileOf } from './service.ts';

export function devHereCommand(): Command {
  return devCommand({ name: 'dev', option: CONFIG_OPTION, stack: stackHere });
}

async function stackHere(named: string | undefined): Promise<Stack> {
  const configFile = configFileOf({ name: 'dev' }, named);
  return {
    entries: entriesOf(configFile),
    root: process.cwd(),
    watch: { folder: dirname(configFile), entries: ['web', 'worker'] },
    banner: { tryPath: '/api/docs' },
  };
}

/** As `bin/hard_worker` does: left to itself, Node keeps up to four times as much garbage as it has data. */
const LITTLE_GARBAGE = ['--max-semi-space-size=16', '--heap-growing-percent=50'];
/** A change begins the worker anew, so its attempts get less time than elsewhere. They run again at once. */
const SHORT_GRACE = 'HOLDFAST_SHUTDOWN_GRACE_MS=2000';

function entriesOf(configFile: string): ProcfileEntry[] {
  const program = fileURLToPath(new URL('../../bin/holdfast.js', import.meta.url));
  const command = (flags: readonly string[], ...words: string[]): string =>
    [process.execPath, ...flags, program, ...words].map((word) => shellQuote(word)).join(' ');
  const grace = process.env['HOLDFAST_SHUTDOWN_GRACE_MS'] === undefined ? `${SHORT_GRACE} ` : '';
  return [
    { name: 'temporal', command: command([], 'temporal-server') },
    { name: 'web', command: command([], 'web', '--config', configFile) },
    { name: 'worker', command: grace + command(LITTLE_GARBAGE, 'work', '--config', configFile) },
  ];
}
