// Started by bin/hard_worker, never by hand.
import type { RunnerSettings } from '../src/cli/work.ts';
import { loadConfigFile } from '../src/kinds/load-config.ts';
import { createLogger, flushLog } from '../src/log.ts';
import { describeError, isOfTheApplication } from '../src/process/errors.ts';
import { surviveLostOutput } from '../src/process/output.ts';
import { UNUSABLE_CONFIG } from '../src/runner/messages.ts';
import { runRunner } from '../src/runner/run-runner.ts';

surviveLostOutput();
const { configFile, ...config } = JSON.parse(process.argv[2] ?? '{}') as RunnerSettings;
const log = createLogger(config, 'runner');
try {
  await runRunner({ loadConfig: async () => loadConfigFile(configFile), log });
} catch (error) {
  log.fatal({ event: 'runner.failed' }, describeError(error));
  await flushLog(log);
  process.exit(isOfTheApplication(error) ? UNUSABLE_CONFIG : 1);
}
