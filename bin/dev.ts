import { readFile } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { loadConfig } from '../src/config/config.ts';
import { developmentStack } from '../src/dev/development-stack.ts';
import { describeError } from '../src/process/errors.ts';
import { openHome } from '../src/process/home.ts';
import { parseProcfile } from '../src/dev/procfile.ts';
import { openOutput, surviveLostOutput } from '../src/process/output.ts';
import { listenForStop } from '../src/process/stop-signals.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const { procfile } = new Command('bin/dev')
  .description(
    'Starts Temporal, the web server and the workers, starts again what dies, and stops all of them on Ctrl-C.',
  )
  .option('--procfile <file>', 'what to run, one "name: command" a line', `${ROOT}Procfile.dev`)
  .addHelpText(
    'after',
    '\nSettings: PORT (3000), HOLDFAST_TEMPORAL_PORT (7233), HOLDFAST_TEMPORAL_UI_PORT (8233), HOLDFAST_HOME (.holdfast),\n' +
      'HOST, LOG_LEVEL, TEMPORAL_*. A Temporal server that answers at TEMPORAL_ADDRESS is used.',
  )
  .parse()
  .opts<{ procfile: string }>();

surviveLostOutput();
try {
  using stop = listenForStop(process.env);
  const output = openOutput(process.stdout, (dropped) =>
    output.write(`--> ${dropped} lines are lost, since nobody read them\n`),
  );
  const config = loadConfig(process.env);
  openHome(config.home);
  process.exitCode = await developmentStack({
    config,
    entries: parseProcfile(await readFile(procfile, 'utf8')),
    root: ROOT,
    searchPath: process.env.PATH,
    output: new Writable({
      write(text, _encoding, done) {
        output.write(String(text));
        done();
      },
    }),
    // Whoever watched it has gone, as `| head` does: nobody would know what still runs.
    stop: { ...stop, first: AbortSignal.any([stop.first, output.closed]) },
  });
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 1;
}
