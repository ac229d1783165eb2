/** The services of docker-compose.yml as processes of this machine: same commands, same settings, other addresses. */
import { chown, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readPidFiles } from '../../src/process/pid-files.ts';
import { isAlive } from '../../src/process/process-identity.ts';
import { asMounted, type ComposeFile, type Image } from './compose-file.ts';
import { confined } from './confined.ts';
import { lowPorts } from './low-ports.ts';
import { Postgres } from './postgres.ts';
import { PublishedPort } from './published-port.ts';
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
  /** Whether services run as confined as their containers. */
  readonly confines: boolean;
  /** By the names that the compose file gives them. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** The image's user `node`. */
const NODE_USER = { uid: 1000, gid: 1000 };
const ROOT_USER = { uid: 0, gid: 0 };

export class Stack implements AsyncDisposable {
  readonly postgres: Postgres;
  readonly temporal: ServiceProcess;
  readonly web: ServiceProcess;
  readonly worker: ServiceProcess;
  readonly webUrl: string;
  readonly home: string;
  readonly #options: StackOptions;
  readonly #ports: Ports;
  #temporalHost = '';
  #published: PublishedPort | undefined;

  private constructor(options: StackOptions, postgres: Postgres, home: string, ports: Ports) {
    this.#options = options;
    this.#ports = ports;
    this.postgres = postgres;
    this.home = home;
    this.webUrl = `http://127.0.0.1:${ports.web}`;
    const server = this.#ours('temporal');
    // What the image's entry point runs, in its place.
    const command = [...server.command.slice(0, -1), options.temporalServer, 'start'];
    this.temporal = new ServiceProcess({
      // Its binary is this user's.
      ...this.#confined({ ...server, command, user: undefined }),
      environment: (start) => {
        const { environment } = server;
        // By default the image's entry point names the container's own address, which is another one after each start here.
        this.#temporalHost = environment['TEMPORAL_BROADCAST_ADDRESS'] ?? `127.0.0.${start + 1}`;
        // On that alone, so that the address before is as dead as that of a container that is gone.
        return { ...environment, TEMPORAL_BROADCAST_ADDRESS: this.#temporalHost, BIND_ON_IP: this.#temporalHost };
      },
    });
    this.web = new ServiceProcess(this.#confined(this.#ours('web'), home));
    this.worker = new ServiceProcess(this.#confined(this.#ours('worker'), home));
  }

  static async create(options: StackOptions): Promise<Stack> {
    const names = [...PORTS, ...INTERNAL_PORTS] as const;
    const numbers = await lowPorts(names.length);
    const ports = Object.fromEntries(names.map((name, index) => [name, numbers[index]])) as Ports;
    await mkdir(secretsFolder(options));
    for (const [name, secret] of Object.entries(options.secrets))
      await writeFile(join(secretsFolder(options), name), `${secret}\n`);
    const { environment } = asMounted(options.compose.service('postgres'), secretsFolder(options));
    const postgres = await Postgres.create({
      folder: join(options.folder, 'postgres'),
      port: ports.postgres,
      user: environment['POSTGRES_USER'] ?? '',
      passwordFile: environment['POSTGRES_PASSWORD_FILE'] ?? '',
    });
    const home = join(options.folder, 'home');
    await mkdir(join(home, 'reports'), { recursive: true });
    const user = nodeUser();
    if (user) for (const folder of [home, join(home, 'reports')]) await chown(folder, user.uid, user.gid);
    const stack = new Stack(options, postgres, home, ports);
    stack.#published = await PublishedPort.open(ports.publishedTemporal, () => ({
      host: stack.#temporalHost,
      port: ports.temporal,
    }));
    return stack;
  }

  /** Whether services run as confined as their containers. */
  get confines(): boolean {
    return this.#options.confines;
  }

  /** Temporal's HTTP API, as its own container reaches it. */
  get temporalHttpUrl(): string {
    return `http://${this.#temporalHost}:${this.#ports.temporalHttp}`;
  }

  /** Runs one of the services that run to their end. */
  async runToEnd(name: 'databases' | 'namespace'): Promise<{ readonly code: number | null; readonly output: string }> {
    if (name === 'namespace') return runJob(this.#ours(name));
    const databases = this.#ours(name);
    const PATH = `${dirname(this.#options.temporalSqlTool)}:${process.env.PATH}`;
    return runJob({ ...databases, environment: { ...databases.environment, PATH }, user: undefined });
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
    await this.#published?.[Symbol.asyncDispose]();
    const orphans = readPidFiles(this.home, 'runner');
    for (const service of [this.worker, this.web, this.temporal, this.postgres]) await service[Symbol.asyncDispose]();
    // Without their worker they leave by themselves, unless they compute.
    for (const orphan of orphans) if (isAlive(orphan)) process.kill(orphan.pid, 'SIGKILL');
  }

  #confined(service: ServiceOptions, volume?: string): ServiceOptions {
    if (!this.#options.confines) return service;
    const command = service.command.map((word) => (word === 'node' ? process.execPath : word));
    const confinement = { user: service.user ?? ROOT_USER, image: this.#options.app, ...(volume && { volume }) };
    return { ...service, command: confined(command, confinement), user: undefined };
  }

  #ours(name: string): ServiceOptions {
    const { command, environment } = asMounted(this.#options.compose.service(name), secretsFolder(this.#options));
    return {
      name,
      command: command.length > 0 ? command : this.#options.image.command,
      environment: { ...this.#options.image.environment, ...environment, ...addresses(this.#ports, this.home)[name] },
      cwd: this.#options.app,
      log: join(this.#options.folder, `${name}.log`),
      user: nodeUser(),
    };
  }
}

const PORTS = ['postgres', 'web', 'temporal', 'temporalHttp', 'publishedTemporal'] as const;

const INTERNAL_PORTS = [
  'HISTORY_GRPC_PORT',
  'MATCHING_GRPC_PORT',
  'WORKER_GRPC_PORT',
  'FRONTEND_MEMBERSHIP_PORT',
  'HISTORY_MEMBERSHIP_PORT',
  'MATCHING_MEMBERSHIP_PORT',
  'WORKER_MEMBERSHIP_PORT',
] as const;

type Ports = Record<(typeof PORTS)[number] | (typeof INTERNAL_PORTS)[number], number>;

function secretsFolder({ folder }: StackOptions): string {
  return join(folder, 'secrets');
}

/** In place of the names that containers have on their network. */
function addresses(ports: Ports, home: string): Record<string, Record<string, string>> {
  const client = { TEMPORAL_ADDRESS: `127.0.0.1:${ports.publishedTemporal}`, HOLDFAST_HOME: home };
  return {
    databases: { SQL_HOST: '127.0.0.1', SQL_PORT: String(ports.postgres) },
    temporal: {
      POSTGRES_SEEDS: '127.0.0.1',
      DB_PORT: String(ports.postgres),
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
