/** What people type, as pages and messages say it: the programs of this repository, or the command of the package in a service's folder. */
interface Commands {
  readonly dev: string;
  readonly work: string;
  readonly rip: string;
  readonly temporal: string;
}

const isInstalled = import.meta.url.includes('/node_modules/holdfast/');

export const COMMANDS: Commands = isInstalled
  ? { dev: 'npx holdfast dev', work: 'npx holdfast work', rip: 'npx holdfast rip', temporal: 'npx holdfast temporal' }
  : { dev: 'bin/dev', work: 'bin/hard_worker', rip: 'bin/rip', temporal: 'bin/temporal' };
