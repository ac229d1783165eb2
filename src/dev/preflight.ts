/** Looks before the development stack starts anything, so that a busy port is one sentence instead of three processes that die in turn. */
import type { Config } from '../config/config.ts';
import { MachineError } from '../process/errors.ts';
import { describeAddress } from '../config/proxy.ts';
import { readPidFiles, type Role } from '../process/pid-files.ts';
import { isPortFree } from './ports.ts';
import { probeTemporal } from './wait-for-temporal.ts';
import { devServerPort } from './temporal-service.ts';

export interface Preflight {
  /** A Temporal server answers already, so none will be started. */
  readonly temporalRuns: boolean;
}

/** @throws {MachineError} with all problems, one a line */
export async function preflight(config: Config): Promise<Preflight> {
  const other = readPidFiles(config.home, 'dev').find(({ pid }) => pid !== process.pid);
  if (other !== undefined)
    throw new MachineError(
      `${config.programs.dev} already runs with the home ${config.home} (pid ${other.pid}): its app is at http://localhost:${config.web.port}. ` +
        `Stop it with Ctrl-C where it runs, or give this one a HOLDFAST_HOME, PORT, HOLDFAST_TEMPORAL_PORT and HOLDFAST_TEMPORAL_UI_PORT of its own.`,
    );
  const connection = await probeTemporal(config.temporal);
  await connection?.close();
  const temporalRuns = connection !== undefined;
  const problems = [
    await busyPort(config, 'PORT', config.web.port, 'web', config.web.host),
    ...(temporalRuns ? [] : await temporalProblems(config)),
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) throw new MachineError(problems.join('\n'));
  return { temporalRuns };
}

async function temporalProblems(config: Config): Promise<(string | undefined)[]> {
  const { address, devUiPort } = config.temporal;
  const port = devServerPort(address);
  if (port === undefined)
    return [
      `No Temporal server answers at TEMPORAL_ADDRESS, ${describeAddress(config.temporal)}, and ${config.programs.dev} can only start one on this machine. ` +
        `Start that server, or unset TEMPORAL_ADDRESS.`,
    ];
  return [
    await busyPort(config, 'HOLDFAST_TEMPORAL_PORT', port, 'temporal'),
    await busyPort(config, 'HOLDFAST_TEMPORAL_UI_PORT', devUiPort, 'temporal'),
  ];
}

/** A sentence when the port is taken. */
async function busyPort(
  config: Config,
  setting: string,
  port: number,
  role: Role,
  host?: string,
): Promise<string | undefined> {
  if (await isPortFree(port, host)) return undefined;
  const [ours] = readPidFiles(config.home, role);
  if (ours !== undefined)
    return `Port ${port} (${setting}) is held by the ${role} process of this home, pid ${ours.pid}, which outlived what started it. Stop it with: ${config.programs.rip} all`;
  return `Port ${port} (${setting}) is in use by another program. Stop that program, or set ${setting} to a free port.`;
}
