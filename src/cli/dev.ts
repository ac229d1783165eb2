import { Writable } from 'node:stream';
import { Command } from 'commander';
import { loadConfig } from '../config/config.ts';
import type { Programs } from '../config/programs.ts';
import { developmentStack } from '../dev/development-stack.ts';
import { describeError } from '../process/errors.ts';
import { openHome } from '../process/home.ts';
import type { ProcfileEntry } from '../dev/procfile.ts';
import type { Banner } from '../dev/startup-banner.ts';
import type { WatchedCode } from '../dev/watch-code.ts';
import { openOutput, surviveLostOutput } from '../process/output.ts';
import { listenForStop } from '../process/stop-signals.ts';

export interface DevService {
  /** How people call the command. */
  readonly name: string;
  /** How people call the others. @default as those of the package */
  readonly programs?: Programs;
  /** By which it is told a file. */
  readonly option: readonly [flags: string, description: string];
  /** What runs, and where. @param file the option's value */
  readonly stack: (file: string | undefined) => Promise<Stack>;
}

export interface Stack {
  readonly entries: readonly ProcfileEntry[];
  /** Folder that the commands run in; absolute. */
  readonly root: string;
  /** A folder whose code is watched: after a change, the entries that hold it begin anew. */
  readonly watch?: WatchedCode;
  /** Lines that people read when all of it answers. */
  readonly banner: Banner;
}

export function devCommand({ name, option, stack, programs }: DevService): Command {
  return new Command(name)
    .description(
      'Starts Temporal, the web server and the workers, starts again what dies, and stops all of them on Ctrl-C.',
    )
    .option(...option)
    .addHelpText(
      'after',
      '\nSettings: PORT (3000), HOLDFAST_TEMPORAL_PORT (7233), HOLDFAST_TEMPORAL_UI_PORT (8233), HOLDFAST_HOME (.holdfast),\n' +
        'HOST, LOG_LEVEL, TEMPORAL_*. A Temporal server that answers at TEMPORAL_ADDRESS is used.',
    )
    .action(async (options: Readonly<Record<string, string>>) =>
      develop(programs, async () => stack(Object.values(options)[0])),
    );
}

async function develop(programs: Programs | undefined, stackOf: () => Promise<Stack>): Promise<void> {
  surviveLostOutput();
  try {
    using stop = listenForStop(process.env);
    const output = openOutput(process.stdout, (dropped) =>
      output.write(`--> ${dropped} lines are lost, since nobody read them\n`),
    );
    const config = loadConfig(process.env, programs);
    const stack = await stackOf();
    openHome(config.home);
    process.exitCode = await developmentStack({
      ...stack,
      config,
      searchPath: process.env.PATH,
      output: new Writable({
        write(text, _encoding, done) {
          output.write(String(text));
          done();
        },
      }),
      // Its reader has gone, as `| head` does: nobody would know what still runs.
      stop: { ...stop, first: AbortSignal.any([stop.first, output.closed]) },
    });
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    process.exitCode = 1;
  }
}
