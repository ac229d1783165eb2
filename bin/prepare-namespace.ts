// One of the jobs of docker-compose.yml; development has bin/dev for the same.
import { prepareNamespaceCommand } from '../src/cli/prepare-namespace.ts';

await prepareNamespaceCommand('bin/prepare-namespace').parseAsync();
