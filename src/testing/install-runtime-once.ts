/** The SDK has one runtime in a process, which a test may have installed itself. */
import { DefaultLogger, Runtime } from '@temporalio/worker';

let isInstalled = false;

/** Says nothing but errors. */
export function installRuntimeOnce(): void {
  if (isInstalled) return;
  isInstalled = true;
  try {
    Runtime.install({
      shutdownSignals: [],
      workerHeartbeatInterval: '1s',
      logger: new DefaultLogger('ERROR'),
      telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} } },
    });
  } catch {
    // The test's own is as good.
  }
}
