import { Command } from 'commander';
import { ConfigError, loadConfig } from '../src/config/config.ts';
import { describeError } from '../src/process/errors.ts';
import { openHome } from '../src/process/home.ts';
import { writePidFile } from '../src/process/pid-files.ts';
import { aborted, listenForStop } from '../src/process/stop-signals.ts';
import { createLogger, flushLog } from '../src/log.ts';
import { tellProxy } from '../src/config/proxy.ts';
import { surviveLostOutput } from '../src/process/output.ts';
import { connectClient } from '../src/temporal/connect.ts';
import { createJobs } from '../src/temporal/create-jobs.ts';
import { CannotListenError } from '../src/web/errors.ts';
import { startWebServer } from '../src/web/server.ts';

new Command('bin/web')
  .description(
    'Serves the pages and the API. Needs no worker, and waits for Temporal by itself.\n' +
      'Stops orderly on Ctrl-C or SIGTERM; a second one does not wait for requests.',
  )
  .addHelpText(
    'after',
    '\nSettings: PORT, HOST, HOLDFAST_PASSWORD or HOLDFAST_PASSWORD_FILE, HOLDFAST_ALLOWED_HOSTS, HOLDFAST_TRUSTED_PROXIES,\n' +
      'HOLDFAST_HOME, LOG_LEVEL, TEMPORAL_*.',
  )
  .parse();

surviveLostOutput();
try {
  using stop = listenForStop(process.env);
  const config = loadConfig(process.env);
  openHome(config.home);
  using _pidFile = writePidFile(config.home, 'web');
  const log = createLogger(config, 'web');
  const client = connectClient(config.temporal);
  const server = await startWebServer({ config, jobs: createJobs(client), log });
  log.info({ event: 'web.started', url: server.url }, `listening on ${server.url}`);
  tellProxy(config.temporal, log);
  await aborted(stop.first);
  await Promise.race([server.stop(), aborted(stop.second)]);
  log.info({ event: 'web.stopped' }, 'stopped');
  await flushLog(log);
  // Without closing the client: a call that Temporal never answered is still trying again, and would throw on a closed channel.
  process.exit(stop.second.aborted ? 1 : 0);
} catch (error) {
  process.stderr.write(`${error instanceof CannotListenError ? error.message : describeError(error)}\n`);
  process.exitCode = error instanceof ConfigError ? 78 : 1;
}
