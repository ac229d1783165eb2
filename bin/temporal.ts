// Started by bin/temporal: prints where Temporal's CLI is, then the address and the namespace that it is to use, a line each.
import { loadConfig } from '../src/config/config.ts';
import { findTemporalCli } from '../src/dev/temporal-cli.ts';
import { describeError } from '../src/process/errors.ts';
import { openHome } from '../src/process/home.ts';

const note = (message: string): void => void process.stderr.write(`${message}\n`);

try {
  const { home, temporal } = loadConfig(process.env);
  openHome(home);
  const { path } = await findTemporalCli({ home, searchPath: process.env.PATH, note });
  process.stdout.write(`${path}\n${temporal.address}\n${temporal.namespace}\n`);
} catch (error) {
  note(describeError(error));
  process.exitCode = 1;
}
