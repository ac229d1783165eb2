/** A PostgreSQL of our own: its programs as the system's package installs them, its cluster in a folder that goes. */
import { execFile } from 'node:child_process';
import { appendFile, chown, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ServiceProcess } from './service-process.ts';

const run = promisify(execFile);

export interface PostgresOptions {
  readonly folder: string;
  readonly port: number;
  readonly user: string;
  /** As its image reads it, the end of the line included. */
  readonly passwordFile: string;
}

export class Postgres extends ServiceProcess {
  readonly #data: string;
  readonly #control: (...args: string[]) => Promise<unknown>;

  private constructor(
    options: ConstructorParameters<typeof ServiceProcess>[0],
    data: string,
    control: (...args: string[]) => Promise<unknown>,
  ) {
    super(options);
    this.#data = data;
    this.#control = control;
  }

  static async create({ folder, port, user, passwordFile }: PostgresOptions): Promise<Postgres> {
    const programs = await findPrograms();
    const account = await unprivilegedAccount();
    await mkdir(folder, { recursive: true });
    if (account) await chown(folder, account.uid, account.gid);
    const data = join(folder, 'data');
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
      data,
      async (...args) => run(join(programs, 'pg_ctl'), ['--pgdata', data, ...args], asAccount),
    );
  }

  /** Ends every process of the server at once, as a power cut would: without a checkpoint, so that the next start recovers. */
  async crash(): Promise<void> {
    await this.leave(async () => void (await this.#control('stop', '--mode', 'immediate')));
  }

  /** Stops answering, without closing anything, as behind a disk that hangs. @returns what ends this */
  async freeze(): Promise<Disposable> {
    const { stdout } = await run('ps', ['-o', 'pid=', '--ppid', String(this.pid)]);
    const all = [this.pid, ...stdout.trim().split(/\s+/).map(Number)];
    for (const pid of all) process.kill(pid, 'SIGSTOP');
    return { [Symbol.dispose]: () => all.forEach((pid) => process.kill(pid, 'SIGCONT')) };
  }

  /** Answers reads and refuses what would be written, as with a full disk. @returns what ends this */
  async refuseWrites(): Promise<AsyncDisposable> {
    const setReadOnly = async (value: 'on' | 'off'): Promise<void> => {
      await appendFile(join(this.#data, 'postgresql.auto.conf'), `default_transaction_read_only = ${value}\n`);
      await this.#control('reload');
    };
    await setReadOnly('on');
    return { [Symbol.asyncDispose]: async () => setReadOnly('off') };
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
