import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { devCommand } from '../src/cli/dev.ts';
import { parseProcfile } from '../src/dev/procfile.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

await devCommand({
  name: 'bin/dev',
  option: ['--procfile <file>', 'what to run, one "name: command" a line'],
  stack: async (procfile = `${ROOT}Procfile.dev`) => ({
    entries: parseProcfile(await readFile(procfile, 'utf8')),
    root: ROOT,
    banner: { tryPath: '/?name=foo', temporalCli: 'bin/temporal workflow list' },
  }),
}).parseAsync();
