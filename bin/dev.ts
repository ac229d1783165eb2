import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { devCommand } from '../src/cli/dev.ts';
import { OF_THIS_REPOSITORY } from '../src/config/programs.ts';
import { parseProcfile } from '../src/dev/procfile.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

await devCommand({
  name: 'bin/dev',
  programs: OF_THIS_REPOSITORY,
  option: ['--procfile <file>', 'what to run, one "name: command" a line'],
  stack: async (procfile = `${ROOT}Procfile.dev`) => ({
    entries: parseProcfile(await readFile(procfile, 'utf8')),
    root: ROOT,
    banner: { tryPath: '/?name=foo' },
  }),
}).parseAsync();
