import { temporalServerCommand } from '../src/cli/temporal-server.ts';

await temporalServerCommand('bin/temporal-server').parseAsync();
