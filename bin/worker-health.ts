// Health check of a worker's container: exits with 0 while a worker process on this host reports to Temporal.
import { hostname } from 'node:os';
import { loadConfig } from '../src/config/config.ts';
import { describeError } from '../src/process/errors.ts';
import { connectClient } from '../src/temporal/connect.ts';
import { servesFrom } from '../src/temporal/worker-presence.ts';
import { surviveLostOutput } from '../src/process/output.ts';

surviveLostOutput();
try {
  const client = connectClient(loadConfig(process.env).temporal);
  const isServing = await servesFrom(client, hostname());
  process.stdout.write(`Temporal ${isServing ? 'hears' : 'does not hear'} from a worker on ${hostname()}.\n`);
  process.exitCode = isServing ? 0 : 1;
  await client.connection.close();
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 1;
}
