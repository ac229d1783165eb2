/** `npx holdfast …`: a service of one's own, by its `holdfast.config`. */
import { createRequire } from 'node:module';
import { Command } from 'commander';

/** Each is loaded when it is called, so that a worker starts without what only development needs. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  dev: async () => (await import('./dev-here.ts')).devHereCommand(),
  web: async () => (await import('./web.ts')).webCommand({ name: 'web' }),
  work: async () => (await import('./work.ts')).workCommand({ name: 'work' }),
  rip: async () => (await import('./rip.ts')).ripCommand('rip'),
  'prepare-namespace': async () =>
    (await import('./prepare-namespace.ts')).prepareNamespaceCommand('prepare-namespace'),
  temporal: async () => (await import('./temporal.ts')).temporalCommand('temporal'),
  'temporal-server': async () => (await import('./temporal-server.ts')).temporalServerCommand('temporal-server'),
};

/** By the package's own name: the sources and what is built of them lie at different depths below it. */
const { version } = createRequire(import.meta.url)('holdfast/package.json') as { readonly version: string };

/** @param words as they were typed, from the command on */
export async function holdfast(words: readonly string[]): Promise<void> {
  const program = new Command('holdfast')
    .description('Durable background jobs on Temporal: runs the service that holdfast.config.ts describes.')
    .version(version)
    // Those of a command may be Temporal's own.
    .enablePositionalOptions();
  const [word = ''] = words;
  const wanted = Object.hasOwn(COMMANDS, word) ? [word] : Object.keys(COMMANDS);
  for (const name of wanted) {
    const command = await COMMANDS[name]?.();
    if (command) program.addCommand(command);
  }
  await program.parseAsync(words, { from: 'user' });
}
