import { workCommand } from '../src/cli/work.ts';
import { OF_THIS_REPOSITORY } from '../src/config/programs.ts';
import { DEMO_CONFIG } from './demo.ts';

await workCommand({ name: 'bin/hard_worker', programs: OF_THIS_REPOSITORY, configFile: DEMO_CONFIG }).parseAsync();
