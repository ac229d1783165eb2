/** `npx holdfast …`: a service of one's own, by its `holdfast.config`. */
import { fileURLToPath } from 'node:url';
import { dirname } from 'node:path';
import { Command } from 'commander';
import type { ProcfileEntry } from '../dev/procfile.ts';
import { shellQuote } from '../web/shell-quote.ts';
import { devCommand, type Stack } from './dev.ts';
import { prepareNamespaceCommand } from './prepare-namespace.ts';
import { ripCommand } from './rip.ts';
import { configFileOf } from './service.ts';
import { temporalCommand } from './temporal.ts';
import { temporalServerCommand } from './temporal-server.ts';
import { webCommand } from './web.ts';
import { workCommand } from './work.ts';

export function holdfast(): Command {
  return new Command('holdfast')
    .description('Durable background jobs on Temporal: runs the service that holdfast.config.ts describes.')
    .addCommand(devCommand({ name: 'dev', stack: async (_procfile, config) => stackHere(config) }))
    .addCommand(webCommand({ name: 'web' }))
    .addCommand(workCommand({ name: 'work' }))
    .addCommand(ripCommand('rip'))
    .addCommand(prepareNamespaceCommand('prepare-namespace'))
    .addCommand(temporalCommand('temporal'))
    .addCommand(temporalServerCommand('temporal-server'), { hidden: true });
}

async function stackHere(named: string | undefined): Promise<Stack> {
  const configFile = configFileOf({ name: 'dev' }, named);
  return {
    entries: entriesOf(configFile),
    root: process.cwd(),
    watch: { folder: dirname(configFile), entries: ['web', 'worker'] },
    banner: { tryPath: '/api/docs', temporalCli: 'npx holdfast temporal workflow list' },
  };
}

/** As `bin/hard_worker` does: left to itself, Node keeps up to four times as much garbage as it has data. */
const LITTLE_GARBAGE = ['--max-semi-space-size=16', '--heap-growing-percent=50'];

function entriesOf(configFile: string): ProcfileEntry[] {
  const program = fileURLToPath(new URL('../../bin/holdfast.js', import.meta.url));
  const command = (flags: readonly string[], ...words: string[]): string =>
    [process.execPath, ...flags, program, ...words].map((word) => shellQuote(word)).join(' ');
  return [
    { name: 'temporal', command: command([], 'temporal-server') },
    { name: 'web', command: command([], 'web', '--config', configFile) },
    { name: 'worker', command: command(LITTLE_GARBAGE, 'work', '--config', configFile) },
  ];
}
