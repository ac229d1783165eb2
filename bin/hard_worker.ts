import { workCommand } from '../src/cli/work.ts';
import { DEMO_CONFIG } from './demo.ts';

await workCommand({ name: 'bin/hard_worker', configFile: DEMO_CONFIG }).parseAsync();
