import { Argument, Command } from 'commander';
import { loadConfig } from '../config/config.ts';
import { describeError } from '../process/errors.ts';
import { rip, RIP_TARGETS, type RipTarget } from '../dev/rip.ts';
import { surviveLostOutput } from '../process/output.ts';

export function ripCommand(name: string): Command {
  return new Command(name)
    .description('Kills processes of this home with SIGKILL, to see that no job is lost. dev starts them again.')
    .addArgument(
      new Argument('[target]', 'worker is the worker with its runners, temporal the dev server')
        .choices(RIP_TARGETS)
        .default('worker'),
    )
    .option('--one', 'kill a single process: of the worker one runner, which is replaced')
    .addHelpText('after', '\nSettings: HOLDFAST_HOME.')
    .action(kill);
}

function kill(target: RipTarget, { one }: { readonly one?: true }): void {
  surviveLostOutput();
  try {
    const { home } = loadConfig(process.env);
    const killed = rip(home, target, {
      one: one ?? false,
      onDoubt: ({ file, why }) =>
        process.stderr.write(`Left pid ${file.pid} alone: its pid file says that it is ${file.role}, but ${why}.\n`),
    });
    for (const { role, pid } of killed) process.stdout.write(`Killed ${role} (pid ${pid}).\n`);
    if (killed.length > 0) return;
    process.stderr.write(
      `Nothing to kill: no ${target === 'all' ? '' : `${target} `}process of the home ${home} is running.\n`,
    );
    process.exitCode = 1;
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    process.exitCode = 1;
  }
}
