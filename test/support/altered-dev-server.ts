/** The dev server as Holdfast starts it, but for an argument: what a setting does shows beside a server that lacks just that one. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Connection } from '@temporalio/client';
import { devServerArguments } from '../../src/dev/dev-server.ts';
import { waitForTemporal } from '../../src/dev/wait-for-temporal.ts';
import type { TemporalCli } from '../../src/dev/temporal-cli.ts';
import { freePort } from './free-port.ts';
import { temporaryHome } from './temporary-home.ts';

export interface AlteredDevServer extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
  readonly databaseFile: string;
  readonly connection: Connection;
}

/** Not the system's temporary folder, which may be memory, where nothing is ever written to a disk. */
const DISK = fileURLToPath(new URL('../../.holdfast/', import.meta.url));

/** Each argument becomes what `alter` makes of it: none, or several. No namespace is prepared. */
export async function startAlteredDevServer(
  cli: TemporalCli,
  alter: (argument: string) => readonly string[] = (argument) => [argument],
): Promise<AlteredDevServer> {
  await mkdir(DISK, { recursive: true });
  const home = await temporaryHome(DISK);
  const port = await freePort();
  const altered = devServerArguments({ cli, home: home.path, port }).flatMap(alter);
  const child = spawn(cli.path, altered, { cwd: home.path, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text) => (said += String(text)));
  const { pid } = child;
  if (pid === undefined) throw new Error(`${cli.path} cannot be run: ${String((await once(child, 'error'))[0])}`);
  const ended = once(child, 'exit');
  // A test run that is interrupted, or a file that takes too long, leaves nothing behind.
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  const giveUp = new AbortController();
  const connection = await Promise.race([
    waitForTemporal({ address: `127.0.0.1:${port}` }, 20_000, giveUp.signal),
    ended,
  ]);
  if (Array.isArray(connection)) {
    giveUp.abort();
    await home[Symbol.asyncDispose]();
    throw new Error(`The dev server ended while starting: ${said.slice(-1_000)}`);
  }
  return {
    pid,
    port,
    databaseFile: join(home.path, `temporal-${cli.version}.db`),
    connection,
    async [Symbol.asyncDispose]() {
      await connection.close();
      child.kill('SIGKILL');
      await ended;
      process.off('exit', killAtExit);
      await home[Symbol.asyncDispose]();
    },
  };
}

/** A server without the one argument that begins like this. @throws when there is no such one, for then nothing would be shown */
export async function startDevServerWithout(cli: TemporalCli, beginning: string): Promise<AlteredDevServer> {
  const arguments_ = devServerArguments({ cli, home: '', port: 0 });
  const named = arguments_.filter((argument) => argument.startsWith(beginning));
  if (named.length !== 1) throw new Error(`${named.length} arguments begin with ${beginning}, not one.`);
  return startAlteredDevServer(cli, (argument) => (argument.startsWith(beginning) ? [] : [argument]));
}
