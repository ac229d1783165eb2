/** The services of docker-compose.yml as processes of this machine: same commands, same settings, other addresses. */
import { chown, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readPidFiles } from '../../src/process/pid-files.ts';
import { isAlive } from '../../src/process/process-identity.ts';
import { asMounted, type ComposeFile, type Image } from './compose-file.ts';
import { lowPorts } from './low-ports.ts';
import { Postgres } from './postgres.ts';
import { runJob, ServiceProcess, type ServiceOptions } from './service-process.ts';

export interface StackOptions {
  readonly compose: ComposeFile;
  readonly image: Image;
  /** Folder that stands for the image. */
  readonly app: string;
  /** For everything that the run writes. */
  readonly folder: string;
  readonly temporalServer: string;
  readonly temporalSqlTool: string;
}

/** The image's user `node`. */
const NODE_USER = { uid: 1000, gid: 1000 };

export class Stack implements AsyncDisposable {
  readonly postgres: Postgres;
  readonly temporal: ServiceProcess;
  readonly web: ServiceProcess;
  readonly worker: ServiceProcess;
  readonly webUrl: string;
  readonly temporalHttpPort: number;
  readonly home: string;
  readonly #options: StackOptions;
  readonly #addresses: Readonly<Record<string, Record<string, string>>>;

  private constructor(options: StackOptions, postgres: Postgres, home: string, ports: Ports) {
    this.#options = options;
    this.postgres = postgres;
    this.home = home;
    this.temporalHttpPort = ports.temporalHttp;
    this.webUrl = `http://127.0.0.1:${ports.web}`;
    this.#addresses = addresses(ports, home);
    const server = asMounted(options.compose.service('temporal'));
    this.temporal = new ServiceProcess({
      ...this.#ours('temporal'),
      // What the image's entry point runs.
      command: [options.temporalServer, 'start'],
      environment: { ...server.environment, ...this.#addresses['temporal'] },
      cwd: options.folder,
      user: undefined,
    });
    this.web = new ServiceProcess(this.#ours('web'));
    this.worker = new ServiceProcess(this.#ours('worker'));
  }

  static async create(options: StackOptions): Promise<Stack> {
    const names = ['postgres', 'web', 'temporal', 'temporalHttp', ...INTERNAL_PORTS] as const;
    const numbers = await lowPorts(names.length);
    const ports = Object.fromEntries(names.map((name, index) => [name, numbers[index]])) as Ports;
    const { POSTGRES_USER = '', POSTGRES_PASSWORD = '' } = options.compose.service('postgres').environment;
    const postgres = await Postgres.create({
      folder: join(options.folder, 'postgres'),
      port: ports.postgres,
      user: POSTGRES_USER,
      password: POSTGRES_PASSWORD,
    });
    const home = join(options.folder, 'home');
    await mkdir(join(home, 'reports'), { recursive: true });
    const user = nodeUser();
    if (user) for (const folder of [home, join(home, 'reports')]) await chown(folder, user.uid, user.gid);
    return new Stack(options, postgres, home, ports);
  }

  /** Runs one of the services that run to their end. */
  async runToEnd(name: 'databases' | 'namespace'): Promise<{ readonly code: number | null; readonly output: string }> {
    if (name === 'namespace') return runJob(this.#ours(name));
    const { command, environment } = asMounted(this.#options.compose.service(name));
    return runJob({
      ...this.#ours(name),
      command,
      environment: {
        ...environment,
        ...this.#addresses[name],
        PATH: `${dirname(this.#options.temporalSqlTool)}:${process.env.PATH}`,
      },
      user: undefined,
    });
  }

  /** Runs a command in what stands for a service's container. */
  async runIn(
    name: 'web' | 'worker',
    command: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    cwd = this.#options.app,
  ): Promise<{ readonly code: number | null; readonly output: string }> {
    const ours = this.#ours(name);
    return runJob({ ...ours, command, cwd, environment: { ...ours.environment, ...environment } });
  }

  /** A service's environment as it is here. */
  environment(name: 'web' | 'worker'): Readonly<Record<string, string>> {
    return this.#ours(name).environment;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const orphans = readPidFiles(this.home, 'runner');
    for (const service of [this.worker, this.web, this.temporal, this.postgres]) await service[Symbol.asyncDispose]();
    // Without their worker they leave by themselves, unless they compute.
    for (const orphan of orphans) if (isAlive(orphan)) process.kill(orphan.pid, 'SIGKILL');
  }

  #ours(name: string): ServiceOptions {
    const { command, environment } = asMounted(this.#options.compose.service(name));
    return {
      name,
      command: command.length > 0 ? command : this.#options.image.command,
      environment: { ...this.#options.image.environment, ...environment, ...this.#addresses[name] },
      cwd: this.#options.app,
      log: join(this.#options.folder, `${name}.log`),
      user: nodeUser(),
    };
  }
}

const INTERNAL_PORTS = [
  'HISTORY_GRPC_PORT',
  'MATCHING_GRPC_PORT',
  'WORKER_GRPC_PORT',
  'FRONTEND_MEMBERSHIP_PORT',
  'HISTORY_MEMBERSHIP_PORT',
  'MATCHING_MEMBERSHIP_PORT',
  'WORKER_MEMBERSHIP_PORT',
] as const;

type Ports = Record<'postgres' | 'web' | 'temporal' | 'temporalHttp' | (typeof INTERNAL_PORTS)[number], number>;

/** In place of the names that containers have on their network, and of addresses that other machines could reach. */
function addresses(ports: Ports, home: string): Record<string, Record<string, string>> {
  const client = { TEMPORAL_ADDRESS: `127.0.0.1:${ports.temporal}`, HOLDFAST_HOME: home };
  return {
    databases: { SQL_HOST: '127.0.0.1', SQL_PORT: String(ports.postgres) },
    temporal: {
      POSTGRES_SEEDS: '127.0.0.1',
      DB_PORT: String(ports.postgres),
      BIND_ON_IP: '127.0.0.1',
      FRONTEND_GRPC_PORT: String(ports.temporal),
      FRONTEND_HTTP_PORT: String(ports.temporalHttp),
      ...Object.fromEntries(INTERNAL_PORTS.map((name) => [name, String(ports[name])])),
    },
    namespace: client,
    web: { ...client, HOST: '127.0.0.1', PORT: String(ports.web) },
    worker: client,
  };
}

/** As root only: others cannot become someone else, and need not. */
function nodeUser(): { uid: number; gid: number } | undefined {
  return process.getuid?.() === 0 ? NODE_USER : undefined;
}
