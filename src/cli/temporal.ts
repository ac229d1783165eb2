/** Temporal's own CLI with the address and namespace of this home. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Command } from 'commander';
import { loadConfig } from '../config/config.ts';
import { findTemporalCli } from '../dev/temporal-cli.ts';
import { describeError } from '../process/errors.ts';
import { openHome } from '../process/home.ts';

const note = (message: string): void => void process.stderr.write(`${message}\n`);

export function temporalCommand(name: string): Command {
  return new Command(name)
    .description('Temporal’s own CLI with the address and namespace of this home: temporal workflow list, …')
    .argument('[words...]')
    .allowUnknownOption()
    .passThroughOptions()
    .helpOption(false)
    .action(run);
}

async function run(words: readonly string[]): Promise<void> {
  try {
    const { home, temporal } = loadConfig(process.env);
    openHome(home);
    const { path } = await findTemporalCli({ home, searchPath: process.env.PATH, note });
    const env = { ...process.env, TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: temporal.namespace };
    const cli = spawn(path, words, { stdio: 'inherit', env });
    // A terminal's Ctrl-C reaches the CLI by itself, which then decides when it ends.
    process.on('SIGINT', () => {});
    const [code] = await once(cli, 'exit');
    process.exit(typeof code === 'number' ? code : 1);
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    process.exitCode = 1;
  }
}
