import { ripCommand } from '../src/cli/rip.ts';

await ripCommand('bin/rip').parseAsync();
