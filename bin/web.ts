import { webCommand } from '../src/cli/web.ts';
import { OF_THIS_REPOSITORY } from '../src/config/programs.ts';
import { greet } from '../src/demo/jobs/greet.ts';
import { DEMO_CONFIG } from './demo.ts';

await webCommand({ name: 'bin/web', programs: OF_THIS_REPOSITORY, configFile: DEMO_CONFIG, demo: greet }).parseAsync();
