/** A PostgreSQL of our own: its programs as the system's package installs them, its cluster in a folder that goes. */
import { execFile } from 'node:child_process';
import { chown, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ServiceProcess } from './service-process.ts';

const run = promisify(execFile);

export interface PostgresOptions {
  readonly folder: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

export class Postgres extends ServiceProcess {
  readonly #control: (...args: string[]) => Promise<unknown>;

  private constructor(
    options: ConstructorParameters<typeof ServiceProcess>[0],
    control: (...args: string[]) => Promise<unknown>,
  ) {
    super(options);
    this.#control = control;
  }

  static async create({ folder, port, user, password }: PostgresOptions): Promise<Postgres> {
    const programs = await findPrograms();
    const account = await unprivilegedAccount();
    await mkdir(folder, { recursive: true });
    if (account) await chown(folder, account.uid, account.gid);
    const data = join(folder, 'data');
    const passwordFile = join(folder, 'password');
    await writeFile(passwordFile, password);
    if (account) await chown(passwordFile, account.uid, account.gid);
    const asAccount = { cwd: folder, ...account };
    await run(
      join(programs, 'initdb'),
      ['--pgdata', data, '--username', user, '--pwfile', passwordFile, '--auth', 'scram-sha-256', '--encoding', 'UTF8'],
      asAccount,
    );
    const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories='];
    return new Postgres(
      {
        name: 'postgres',
        command: [join(programs, 'postgres'), '-D', data, ...settings.flatMap((setting) => ['-c', setting])],
        environment: {},
        cwd: folder,
        log: join(folder, 'log'),
        user: account,
      },
      async (...args) => run(join(programs, 'pg_ctl'), ['--pgdata', data, ...args], asAccount),
    );
  }

  /** Ends every process of the server at once, as a power cut would: without a checkpoint, so that the next start recovers. */
  async crash(): Promise<void> {
    await this.leave(async () => void (await this.#control('stop', '--mode', 'immediate')));
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    // SIGKILL would leave its children and their shared memory.
    await this.crash().catch(() => undefined);
  }
}

async function findPrograms(): Promise<string> {
  const debian = '/usr/lib/postgresql';
  const versions = await readdir(debian).catch(() => []);
  const newest = versions.map(Number).sort((a, b) => b - a)[0];
  if (newest !== undefined) return join(debian, String(newest), 'bin');
  const { stdout } = await run('pg_config', ['--bindir']).catch((error: unknown) => {
    throw new Error('This needs PostgreSQL 15 or newer, which need not run. Install it: apt install postgresql.', {
      cause: error,
    });
  });
  return stdout.trim();
}

/** PostgreSQL refuses to run as root, and its package makes a user for it. */
async function unprivilegedAccount(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = await Promise.all([run('id', ['-u', 'postgres']), run('id', ['-g', 'postgres'])]);
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}
