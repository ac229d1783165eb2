import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { loadConfig, type Config } from '../../src/config/config.ts';
import { writePidFile } from '../../src/process/pid-files.ts';
import { preflight } from '../../src/dev/preflight.ts';
import { freePort } from '../support/free-port.ts';
import { startSleeper } from '../support/sleeper.ts';
import { temporaryHome } from '../support/temporary-home.ts';

async function setup(home: string, settings: Record<string, string> = {}): Promise<Config> {
  return loadConfig({
    HOLDFAST_HOME: home,
    PORT: String(await freePort()),
    HOLDFAST_TEMPORAL_PORT: String(await freePort()),
    HOLDFAST_TEMPORAL_UI_PORT: String(await freePort()),
    ...settings,
  });
}

/** Takes a port, and hangs up on whoever calls. */
async function occupy(port: number): Promise<void> {
  const server = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
}

function sentence(port: number, setting: string): string {
  return `Port ${port} (${setting}) is in use by another program. Stop that program, or set ${setting} to a free port.`;
}

test('a machine with free ports passes, and Temporal has to be started', async () => {
  await using home = await temporaryHome();
  expect(await preflight(await setup(home.path))).toEqual({ temporalRuns: false });
});

test('every busy port is named together with the setting that moves it', async () => {
  await using home = await temporaryHome();
  const config = await setup(home.path);
  const { web, temporal } = config;
  await Promise.all([occupy(web.port), occupy(temporal.devPort), occupy(temporal.devUiPort)]);
  await expect(preflight(config)).rejects.toThrow(
    [
      sentence(web.port, 'PORT'),
      sentence(temporal.devPort, 'HOLDFAST_TEMPORAL_PORT'),
      sentence(temporal.devUiPort, 'HOLDFAST_TEMPORAL_UI_PORT'),
    ].join('\n'),
  );
});

test('a port that our own leftover holds is told apart from a stranger', async () => {
  await using home = await temporaryHome();
  const config = await setup(home.path);
  await occupy(config.web.port);
  const { pid } = await startSleeper();
  writePidFile(home.path, 'web', pid);
  await expect(preflight(config)).rejects.toThrow(
    `Port ${config.web.port} (PORT) is held by the web process of this home, pid ${pid}, which outlived what started it. Stop it with: npx holdfast rip all`,
  );
});

test('a second bin/dev with the same home is told where the first one is', async () => {
  await using home = await temporaryHome();
  const config = await setup(home.path);
  const { pid } = await startSleeper();
  writePidFile(home.path, 'dev', pid);
  await expect(preflight(config)).rejects.toThrow(
    `npx holdfast dev already runs with the home ${home.path} (pid ${pid}): its app is at http://localhost:${config.web.port}.`,
  );
});

test('a silent address on another machine is refused, for no server can be started there', async () => {
  await using home = await temporaryHome();
  const config = await setup(home.path, { TEMPORAL_ADDRESS: 'temporal.invalid:7233' });
  await expect(preflight(config)).rejects.toThrow(
    'No Temporal server answers at TEMPORAL_ADDRESS, temporal.invalid:7233',
  );
});
