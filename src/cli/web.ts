import { Command } from 'commander';
import { ConfigError, loadConfig } from '../config/config.ts';
import { describeError } from '../process/errors.ts';
import { openHome } from '../process/home.ts';
import { writePidFile } from '../process/pid-files.ts';
import { aborted, listenForStop } from '../process/stop-signals.ts';
import { createLogger, flushLog } from '../log.ts';
import { tellProxy } from '../config/proxy.ts';
import { surviveLostOutput } from '../process/output.ts';
import { connectClient } from '../temporal/connect.ts';
import { createJobs } from '../temporal/create-jobs.ts';
import { catalogueOf } from '../kinds/catalogue.ts';
import type { AnyJob } from '../kinds/job-definition.ts';
import { loadConfigFile } from '../kinds/load-config.ts';
import { CONFIG_OPTION, configFileOf, type Service } from './service.ts';
import { CannotListenError } from '../web/errors.ts';
import { startWebServer } from '../web/server.ts';

export interface WebService extends Service {
  /** What `/?name=` enqueues. */
  readonly demo?: AnyJob;
}

export function webCommand(service: WebService): Command {
  return new Command(service.name)
    .description(
      'Serves the pages and the API. Needs no worker, and waits for Temporal by itself.\n' +
        'Stops orderly on Ctrl-C or SIGTERM; a second one does not wait for requests.',
    )
    .option(...CONFIG_OPTION)
    .addHelpText(
      'after',
      '\nSettings: PORT, HOST, HOLDFAST_PASSWORD or HOLDFAST_PASSWORD_FILE, HOLDFAST_ALLOWED_HOSTS, HOLDFAST_TRUSTED_PROXIES,\n' +
        'HOLDFAST_HOME, HOLDFAST_TASK_QUEUE, LOG_LEVEL, TEMPORAL_*.',
    )
    .action(async (options: { readonly config?: string }) => serve(service, options.config));
}

async function serve(service: WebService, named: string | undefined): Promise<void> {
  surviveLostOutput();
  try {
    using stop = listenForStop(process.env);
    const config = loadConfig(process.env, service.programs);
    openHome(config.home);
    using _pidFile = writePidFile(config.home, 'web');
    const catalogue = catalogueOf((await loadConfigFile(configFileOf(service, named))).jobs);
    const log = createLogger(config, 'web');
    const client = connectClient(config.temporal);
    const jobs = createJobs(client, config.temporal.taskQueue);
    const { demo } = service;
    const server = await startWebServer({ config, jobs, catalogue, ...(demo && { demo }), log });
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
    // What an application's files hold may keep this process from its end.
    process.exit(error instanceof ConfigError ? 78 : 1);
  }
}
