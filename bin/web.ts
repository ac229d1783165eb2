import { webCommand } from '../src/cli/web.ts';
import { greet } from '../src/demo/jobs/greet.ts';
import { DEMO_CONFIG } from './demo.ts';

await webCommand({ name: 'bin/web', configFile: DEMO_CONFIG, demo: greet }).parseAsync();
