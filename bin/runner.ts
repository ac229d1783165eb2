// Started by bin/hard_worker, never by hand.
import { createHandlers } from '../src/activities/handlers/index.ts';
import type { Config } from '../src/config/config.ts';
import { createLogger } from '../src/log.ts';
import { surviveLostOutput } from '../src/process/output.ts';
import { runRunner } from '../src/runner/run-runner.ts';

/** The only argument, as JSON. */
export interface RunnerSettings extends Pick<Config, 'production' | 'logLevel'> {
  readonly reportsFolder: string;
}

surviveLostOutput();
const { reportsFolder, ...config } = JSON.parse(process.argv[2] ?? '{}') as RunnerSettings;
runRunner({ handlers: createHandlers({ reportsFolder }), log: createLogger(config, 'runner') });
