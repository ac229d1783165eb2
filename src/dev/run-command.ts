/** Runs a command to its end and says how that was: for commands whose failure is an answer. */
import { spawn } from 'node:child_process';

export interface CommandEnd {
  readonly ok: boolean;
  /** What it printed, on both outputs. */
  readonly said: string;
}

/** Never throws: a command that cannot be run, or that takes longer than `withinMs`, did not end well. */
export type RunCommand = (command: string, args: readonly string[], withinMs: number) => Promise<CommandEnd>;

/** How long a command that was asked to end may take for it. */
const GRACE_MS = 5_000;
/** How long its last words may be on their way. */
const LAST_WORDS_MS = 1_000;

/** In the folder and with the variables given. Signals of a terminal reach the command, as it is in our process group. */
export function commandRunner(cwd: string, env: NodeJS.ProcessEnv): RunCommand {
  return async (command, args, withinMs) => {
    const { promise: ended, resolve } = Promise.withResolvers<CommandEnd>();
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
    const outOfTime = setTimeout(() => {
      said += `It took longer than ${withinMs / 1_000} s.\n`;
      child.kill('SIGTERM');
    }, withinMs);
    const force = setTimeout(() => child.kill('SIGKILL'), withinMs + GRACE_MS);
    child.once('error', (error) => resolve({ ok: false, said: String(error) }));
    const end = (): void => resolve({ ok: child.exitCode === 0, said });
    child.once('close', end);
    // A grandchild that holds on to the outputs may put off `close` for ever.
    child.once('exit', () => void setTimeout(end, LAST_WORDS_MS).unref());
    const how = await ended;
    clearTimeout(outOfTime);
    clearTimeout(force);
    child.stdout.destroy();
    child.stderr.destroy();
    return how;
  };
}
