import { Command } from 'commander';
import { loadConfig } from '../src/config/config.ts';
import { describeError } from '../src/process/errors.ts';
import { openHome } from '../src/process/home.ts';
import { surviveLostOutput } from '../src/process/output.ts';
import { listenForStop } from '../src/process/stop-signals.ts';
import { runTemporalService } from '../src/dev/temporal-service.ts';

const say = (line: string): void => void process.stderr.write(`${line}\n`);
// Whoever reads this may have been killed, bin/dev above all. Temporal is looked after all the same.
surviveLostOutput();

new Command('bin/temporal-server')
  .description(
    'Runs a durable Temporal dev server in the foreground, or stands by while a server answers at TEMPORAL_ADDRESS.\n' +
      'Stops it after the web server and the workers of the same home. A second Ctrl-C does not wait for them.',
  )
  .addHelpText('after', '\nSettings: HOLDFAST_HOME, HOLDFAST_TEMPORAL_PORT, HOLDFAST_TEMPORAL_UI_PORT, TEMPORAL_*.')
  .parse();

try {
  using stop = listenForStop(process.env);
  const config = loadConfig(process.env);
  openHome(config.home);
  const tools = { home: config.home, searchPath: process.env.PATH, note: say };
  process.exitCode = await runTemporalService({ config, tools, stop, log: say });
} catch (error) {
  say(describeError(error));
  process.exitCode = 1;
}
