import { spawn } from 'node:child_process';
import { loadConfig } from '../src/config.ts';
import { describeError } from '../src/process/errors.ts';
import { findTemporalCli } from '../src/dev/temporal-cli.ts';

const note = (message: string): void => void process.stderr.write(`${message}\n`);

// No options of its own, so that every argument, --help too, is the CLI's.
try {
  const { home, temporal } = loadConfig(process.env);
  const cli = await findTemporalCli({ home, searchPath: process.env.PATH, note });
  const child = spawn(cli.path, process.argv.slice(2), {
    stdio: 'inherit',
    env: { ...process.env, TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: temporal.namespace },
  });
  // The terminal sends Ctrl-C to both of us; the CLI decides what it means.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (signal !== 'SIGINT') child.kill(signal);
    });
  child.once('exit', (code, signal) => {
    process.exitCode = code ?? 1;
    if (signal !== null) note(`${cli.path} was killed by ${signal}.`);
  });
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 1;
}
