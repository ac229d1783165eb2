/**
 * What `bin/temporal-server` does: looks after a dev server, or stands by while another server answers. It stops its
 * server last, because workers that are draining still have results to report.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config/config.ts';
import { startDevServer } from './dev-server.ts';
import { describeAddress } from '../config/proxy.ts';
import { describeError } from '../process/errors.ts';
import { readPidFiles, writePidFile, type PidFile } from '../process/pid-files.ts';
import { doubtIn, signalOurs } from '../process/signal-ours.ts';
import { isAlive } from '../process/process-identity.ts';
import { prepareForeignNamespace, prepareOwnNamespace } from './namespaces.ts';
import { aborted, type StopSignals } from '../process/stop-signals.ts';
import { findTemporalCli } from './temporal-cli.ts';
import type { ToolFolder } from './pinned-tool.ts';
import { probeTemporal, waitForTemporal } from './wait-for-temporal.ts';

export interface TemporalServiceOptions {
  readonly config: Config;
  readonly tools: ToolFolder;
  readonly stop: StopSignals;
  readonly log: (line: string) => void;
}

/** A server process that we answer for: started here, or left over from a predecessor that was killed. */
interface OwnServer {
  readonly pid: number;
  /** Resolves with how it ended. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

/** Beyond the grace that workers give their attempts, for their own shutting down. */
const STOP_MARGIN_MS = 5_000;
const POLL_MS = 100;

/** @returns the exit code: 1 when the server died, so that the runner starts it again, or when it did not wait for the others */
export async function runTemporalService(options: TemporalServiceOptions): Promise<0 | 1> {
  const { config, stop, log } = options;
  using pidFiles = new DisposableStack();
  pidFiles.use(writePidFile(config.home, 'temporal-server'));
  const server = (await findRunningServer(options)) ?? (await startServer(options));
  if (server === 'not ours') {
    await aborted(stop.first);
    return 0;
  }

  const how = await Promise.race([server.ended, aborted(stop.first)]);
  if (how !== undefined) {
    log(`The Temporal dev server (pid ${server.pid}) ${how}.`);
    return 1;
  }
  await waitForOthers(options);
  await server.stop();
  return stop.second.aborted ? 1 : 0;
}

/** Port that our dev server has to listen on to be reached at this address; undefined when the address is another machine's. */
export function devServerPort(address: string): number | undefined {
  const { hostname, port } = new URL(`tcp://${address}`);
  return ['127.0.0.1', 'localhost'].includes(hostname) && port !== '' ? Number(port) : undefined;
}

async function findRunningServer({
  config,
  stop,
  log,
}: TemporalServiceOptions): Promise<OwnServer | 'not ours' | undefined> {
  const { address, connection: options, namespace } = config.temporal;
  let connection = await probeTemporal(config.temporal);
  if (connection === undefined) {
    if (devServerPort(address) !== undefined) return undefined;
    log(`No Temporal server answers at ${describeAddress(config.temporal)} yet; waiting for it.`);
    while (connection === undefined && !stop.first.aborted)
      connection = await waitForTemporal(options, 60_000, stop.first).catch(() => undefined);
    if (connection === undefined) return 'not ours';
  }

  try {
    const orphan = findOrphan(config.home);
    if (orphan === undefined) {
      log(`A Temporal server answers at ${describeAddress(config.temporal)}, namespace ${namespace}: using that one.`);
      await prepareForeignNamespace(connection, namespace);
      return 'not ours';
    }
    log(`The Temporal dev server of this home (pid ${orphan.pid}) still runs at ${address}: taking it over.`);
    await prepareOwnNamespace(connection, namespace);
    return adopt(orphan);
  } catch (error) {
    // Not a reason to exit: the namespace may be created later, and web and workers say what they cannot do without it.
    log(describeError(error));
    return 'not ours';
  } finally {
    await connection.close();
  }
}

async function startServer({ config, tools, log }: TemporalServiceOptions): Promise<OwnServer> {
  const { address, devPort, devUiPort, namespace } = config.temporal;
  const server = await startDevServer({
    cli: await findTemporalCli(tools),
    home: config.home,
    port: devServerPort(address) ?? devPort,
    uiPort: devUiPort,
    namespace,
    ownProcessGroup: true,
  });
  log(`Temporal listens on ${server.address}; its data is ${server.databaseFile}, its log ${server.logFile}.`);
  return { pid: server.pid, ended: server.ended, stop: () => server.stop() };
}

/** For the end of everything: a dev server that nobody looks after any more would run for ever. */
export async function stopOrphan(home: string): Promise<void> {
  const orphan = findOrphan(home);
  if (orphan !== undefined) await adopt(orphan).stop();
}

/** A dev server of this home whose own looker-after is gone. */
function findOrphan(home: string): PidFile | undefined {
  const others = readPidFiles(home, 'temporal-server').filter(({ pid }) => pid !== process.pid);
  return others.length === 0 ? readPidFiles(home, 'temporal').find((file) => doubtIn(file) === undefined) : undefined;
}

function adopt(orphan: PidFile): OwnServer {
  const gone = async (): Promise<string> => {
    while (isAlive(orphan)) await delay(POLL_MS);
    return 'has ended';
  };
  const ended = gone();
  return {
    pid: orphan.pid,
    ended,
    async stop() {
      if (!signalOurs(orphan, 'SIGTERM')) return;
      await Promise.race([ended, delay(5_000)]);
      signalOurs(orphan, 'SIGKILL');
      await ended;
    },
  };
}

async function waitForOthers({ config, stop, log }: TemporalServiceOptions): Promise<void> {
  const others = (): PidFile[] => readPidFiles(config.home, 'web', 'worker');
  const deadline = Date.now() + config.shutdownGraceMs + STOP_MARGIN_MS;
  const waitedFor = others();
  if (waitedFor.length > 0)
    log(`Waiting for ${waitedFor.map(({ role, pid }) => `${role} (pid ${pid})`).join(', ')} before Temporal stops.`);
  while (others().length > 0 && Date.now() < deadline && !stop.second.aborted) await delay(POLL_MS);
}
