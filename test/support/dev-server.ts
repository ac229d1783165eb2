/** A real dev server for tests: free ports, a temporary home, gone afterwards even when the test run is interrupted. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDevServer, type DevServer, type DevServerOptions } from '../../src/dev/dev-server.ts';
import { freePort } from './free-port.ts';

export interface TestDevServer extends AsyncDisposable {
  readonly server: DevServer;
  readonly home: string;
}

export async function startTestDevServer(
  cli: DevServerOptions['cli'],
  options: Partial<DevServerOptions> = {},
): Promise<TestDevServer> {
  const home = options.home ?? (await mkdtemp(join(tmpdir(), 'holdfast-test-')));
  const server = await startDevServer({ port: await freePort(), ...options, cli, home });
  const killAtExit = (): void => {
    try {
      process.kill(server.pid, 'SIGKILL');
    } catch {
      // A test had stopped it already.
    }
  };
  process.once('exit', killAtExit);
  return {
    server,
    home,
    async [Symbol.asyncDispose]() {
      await server.stop();
      process.off('exit', killAtExit);
      await rm(home, { recursive: true, force: true });
    },
  };
}
