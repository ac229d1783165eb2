/** What people type to run the parts of a service, as pages and messages tell them. */
export interface Programs {
  readonly dev: string;
  readonly work: string;
  readonly rip: string;
  readonly temporal: string;
}

/** Of a service that has Holdfast as a dependency. */
export const OF_THE_PACKAGE: Programs = {
  dev: 'npx holdfast dev',
  work: 'npx holdfast work',
  rip: 'npx holdfast rip',
  temporal: 'npx holdfast temporal',
};

/** Of this repository, whose service is the demo. */
export const OF_THIS_REPOSITORY: Programs = {
  dev: 'bin/dev',
  work: 'bin/hard_worker',
  rip: 'bin/rip',
  temporal: 'bin/temporal',
};
