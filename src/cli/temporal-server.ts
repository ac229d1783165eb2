import { Command } from 'commander';
import { loadConfig } from '../config/config.ts';
import { describeError } from '../process/errors.ts';
import { openHome } from '../process/home.ts';
import { surviveLostOutput } from '../process/output.ts';
import { listenForStop } from '../process/stop-signals.ts';
import { runTemporalService } from '../dev/temporal-service.ts';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

export function temporalServerCommand(name: string): Command {
  return new Command(name)
    .description(
      'Runs a durable Temporal dev server in the foreground, or stands by while a server answers at TEMPORAL_ADDRESS.\n' +
        'Stops it after the web server and the workers of the same home. A second Ctrl-C does not wait for them.',
    )
    .addHelpText('after', '\nSettings: HOLDFAST_HOME, HOLDFAST_TEMPORAL_PORT, HOLDFAST_TEMPORAL_UI_PORT, TEMPORAL_*.')
    .action(serveTemporal);
}

async function serveTemporal(): Promise<void> {
  // The process that reads this may have been killed, the development stack above all. Temporal is looked after all the same.
  surviveLostOutput();
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
}
