/**
 * What somebody does who has never seen this repository: installs the package into an empty folder, writes two files, and starts it.
 * The package is built and packed once, beside the repository, whose own `dist` other tests may be reading.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { findTemporalCli, findTemporalTestServer } from '../../src/dev/temporal-cli.ts';
import { findOnPath } from '../../src/process/find-on-path.ts';
import { readPidFiles } from '../../src/process/pid-files.ts';
import { freePort } from '../support/free-port.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TOOLS_HOME = process.env['HOLDFAST_HOME'] ?? join(ROOT, '.holdfast');
const PACKED = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'README.md', 'CHANGELOG.md', 'src', 'bin'];

/** @param says what the job logs, by which a test tells one version of the code from another */
const sendInvoiceFile = (says: string): string => `
import { defineJob } from 'holdfast';
import { z } from 'zod';

export const sendInvoice = defineJob('SendInvoice', {
  args: z.object({ invoiceId: z.string() }),
  queue: 'mailers',
  maxAttempts: 8,
  run: async ({ invoiceId }, attempt) => {
    attempt.log.info(\`${says} \${invoiceId}\`);
    return { messageId: \`${says}-\${invoiceId}\` };
  },
});
`;

const configFile = (jobs: string): string => `
import { defineConfig } from 'holdfast';
import { sendInvoice } from './jobs/send-invoice.ts';

export default defineConfig({ jobs: [${jobs}] });
`;

const TYPES_FILE = `
import { connectHoldfast } from 'holdfast/client';
import { sendInvoice } from './jobs/send-invoice.ts';

await using holdfast = await connectHoldfast();
const job = await holdfast.enqueue(sendInvoice, { invoiceId: '7' }, { delayMs: 5 });
const { messageId } = await holdfast.result(job);
export const text: string = messageId;
// @ts-expect-error a number is no id
await holdfast.enqueue(sendInvoice, { invoiceId: 7 });
// @ts-expect-error an option that nobody knows
await holdfast.enqueue(sendInvoice, { invoiceId: '7' }, { delay: 5 });
// @ts-expect-error the result is text
export const number: number = messageId;
`;

const PROGRAM_FILE = `
import { connectHoldfast } from 'holdfast/client';
import { sendInvoice } from './jobs/send-invoice.ts';

await using holdfast = await connectHoldfast({ environment: process.env });
const job = await holdfast.enqueue(sendInvoice, { invoiceId: '9' });
const { messageId } = await holdfast.result(job, AbortSignal.timeout(20_000));
process.stdout.write(\`the result is \${messageId}\\n\`);
`;

const TESTING_FILE = `
import { runInline, startTestSystem } from 'holdfast/testing';
import { sendInvoice } from './jobs/send-invoice.ts';

const { result } = await runInline(sendInvoice, { invoiceId: '7' });
process.stdout.write(\`inline: \${result.messageId}\\n\`);
for (const skipTime of [false, true]) {
  await using system = await startTestSystem({ jobs: [sendInvoice], skipTime });
  const delayMs = skipTime ? 30 * 24 * 60 * 60_000 : 0;
  const job = await system.holdfast.enqueue(sendInvoice, { invoiceId: '7' }, { delayMs });
  const { messageId } = await system.holdfast.result(job);
  process.stdout.write(\`\${skipTime ? 'next month' : 'now'}: \${messageId}\\n\`);
}
`;

let folder: string;
let tarball: string;
/** The folder of the service. */
let app: string;
let home: string;
let url: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  // Such as TypeScript and Node see it, where the folder for temporary files is a link.
  folder = await realpath(await mkdtemp(join(tmpdir(), 'holdfast-package-')));
  app = join(folder, 'app');
  home = join(folder, 'home');
  const searchPath = [dirname(process.execPath), process.env['PATH']].join(delimiter);
  const [port, temporalPort, temporalUiPort] = [await freePort(), await freePort(), await freePort()];
  url = `http://127.0.0.1:${port}`;
  env = {
    ...process.env,
    PATH: searchPath,
    HOLDFAST_HOME: home,
    PORT: String(port),
    HOLDFAST_TEMPORAL_PORT: String(temporalPort),
    HOLDFAST_TEMPORAL_UI_PORT: String(temporalUiPort),
    // The test runner sets it for its own purposes.
    NODE_ENV: undefined,
    FORCE_COLOR: undefined,
    NO_COLOR: '1',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_prefer_offline: 'true',
  };
  const tools = { home: TOOLS_HOME, searchPath, note: (line: string) => void process.stderr.write(`${line}\n`) };
  await findTemporalCli(tools);
  await findTemporalTestServer(tools);
  // Nothing is fetched twice.
  await mkdir(home, { mode: 0o700 });
  await symlink(join(TOOLS_HOME, 'tools'), join(home, 'tools'));
  tarball = await pack();
  await mkdir(app);
  await run('npm', ['init', '-y']);
  await run('npm', ['pkg', 'set', 'type=module']);
  await run('npm', ['install', tarball, 'zod']);
  await mkdir(join(app, 'jobs'));
  await write('jobs/send-invoice.ts', sendInvoiceFile('sent'));
  await write('holdfast.config.ts', configFile('sendInvoice'));
}, 180_000);

afterAll(async () => {
  for (const { pid } of readPidFiles(home)) process.kill(pid, 'SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** `npm pack` builds before it packs. @returns path of the tarball */
async function pack(): Promise<string> {
  const source = join(folder, 'source');
  await mkdir(source);
  for (const name of PACKED) await cp(join(ROOT, name), join(source, name), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(source, 'node_modules'));
  await run('npm', ['pack', '--pack-destination', folder], source);
  const name = readdirSync(folder).find((each) => each.endsWith('.tgz'));
  return join(folder, name ?? 'nothing was packed');
}

async function write(name: string, text: string): Promise<void> {
  await writeFile(join(app, name), text.trimStart());
}

/** @returns what it printed @throws with that when it exits with anything but 0 */
async function run(command: string, args: readonly string[], cwd = app): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(command, args, { cwd, env, maxBuffer: 2 ** 26 });
  return stdout + stderr;
}

interface Ended {
  readonly code: number;
  readonly said: string;
}

/** For what is expected to fail. */
async function end(command: string, args: readonly string[]): Promise<Ended> {
  return run(command, args).then(
    (said) => ({ code: 0, said }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, said: stdout + stderr }),
  );
}

interface Started {
  output(): string;
  /** As Ctrl-C in a terminal does: to npx and to all that it has started and not put aside. @returns its exit code or signal */
  interrupt(): Promise<number | string | null>;
  /** As a container's end does: to the process that was started alone. @returns its exit code or signal */
  terminate(): Promise<number | string | null>;
}

function start(...words: string[]): Started {
  return startAs('npx', ['holdfast', ...words]);
}

function startAs(command: string, args: readonly string[]): Started {
  const child = spawn(command, args, {
    cwd: app,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const ended = once(child, 'exit');
  const signal = (name: NodeJS.Signals): void => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, name);
  };
  onTestFinished(() => signal('SIGKILL'));
  return {
    output: () => output,
    async interrupt() {
      signal('SIGINT');
      await ended;
      return child.exitCode ?? child.signalCode;
    },
    async terminate() {
      child.kill('SIGTERM');
      await ended;
      return child.exitCode ?? child.signalCode;
    },
  };
}

async function printed(started: Started, text: string, times = 1): Promise<void> {
  const seen = (): number => started.output().split(text).length - 1;
  await vi.waitFor(() => expect(seen(), started.output()).toBeGreaterThanOrEqual(times), {
    timeout: 30_000,
    interval: 50,
  });
}

/** Found by their environment, so that what no pid file knows is found too. */
function processesOfHome(): string[] {
  if (process.platform !== 'linux') return readPidFiles(home).map(({ role }) => role);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`HOLDFAST_HOME=${home}\0`)) return [];
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return []; // It ended while we looked, or belongs to somebody else.
      }
    });
}

async function post(body: object): Promise<{ status: number; answer: Record<string, unknown> }> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/api/jobs`, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
}

const text = async (path: string): Promise<string> => (await fetch(`${url}${path}`)).text();

/** @returns what it returned */
async function resultOfJob(id: unknown): Promise<unknown> {
  return vi.waitFor(
    async () => {
      const job = (await (await fetch(`${url}/api/jobs/${String(id)}`)).json()) as Record<string, unknown>;
      expect(job['state']).toBe('done');
      return job['result'];
    },
    { timeout: 20_000, interval: 50 },
  );
}

describe('the package', () => {
  test('has types and entries that every resolver of modules finds', async () => {
    const bin = join(ROOT, 'node_modules/.bin/');
    expect(await run(`${bin}publint`, ['run', tarball, '--strict'])).toContain('All good!');
    await run(`${bin}attw`, [tarball, '--profile', 'esm-only']);
  });

  test('says its version', async () => {
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(await end('npx', ['holdfast', '--version'])).toEqual({ code: 0, said: `${version}\n` });
  });

  test('types arguments and results by the definition', async () => {
    await write('types.ts', TYPES_FILE);
    const options = {
      module: 'nodenext',
      target: 'esnext',
      lib: ['esnext'],
      types: [],
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      allowImportingTsExtensions: true,
      erasableSyntaxOnly: true,
      verbatimModuleSyntax: true,
      exactOptionalPropertyTypes: true,
    };
    await write('tsconfig.json', JSON.stringify({ compilerOptions: options, include: ['*.ts', 'jobs'] }));
    expect(await end(join(ROOT, 'node_modules/.bin/tsc'), [])).toEqual({ code: 0, said: '' });
  });
});

test('npx holdfast dev serves the kind, runs its jobs, runs what the files say after a change, and ends with Ctrl-C', async () => {
  const dev = start('dev');
  await printed(dev, 'Ctrl-C stops all.');
  await printed(dev, 'worker ready');

  const document = JSON.parse(await text('/api/openapi.json')) as object;
  expect(JSON.stringify(document)).toContain('"SendInvoice"');
  expect(JSON.stringify(document)).toContain('"invoiceId":{"type":"string"');
  const docs = await text('/api/docs');
  expect(docs).toContain('SendInvoice');
  expect(docs).toContain('invoiceId');

  const first = await post({ kind: 'SendInvoice', args: { invoiceId: '7' } });
  expect(first).toMatchObject({ status: 202, answer: { queue: 'mailers', maxAttempts: 8 } });
  expect(await resultOfJob(first.answer['id'])).toEqual({ messageId: 'sent-7' });
  const page = await text(`/jobs/${String(first.answer['id'])}`);
  expect(page).toContain('done');
  expect(page).toContain('sent-7');
  await printed(dev, 'sent 7');

  expect(await post({ kind: 'SendInvoce', args: { invoiceId: '7' } })).toMatchObject({
    status: 422,
    answer: { errors: [{ field: 'kind', detail: expect.stringContaining('did you mean SendInvoice?') }] },
  });
  expect(await post({ kind: 'SendInvoice', args: { invoiceId: 7 } })).toMatchObject({
    status: 422,
    answer: { errors: [{ field: 'args.invoiceId' }] },
  });

  // Commands that this folder has.
  expect(page).toContain('npx holdfast temporal workflow query');
  expect((await end('npx', ['holdfast', 'dev'])).said).toContain('npx holdfast dev already runs with the home');

  await write('jobs/send-invoice.ts', sendInvoiceFile('sent anew'));
  await printed(dev, 'worker ready', 2);
  // Web begins anew too: a request may come in between.
  const second = await vi.waitFor(async () => post({ kind: 'SendInvoice', args: { invoiceId: '8' } }), 10_000);
  expect(await resultOfJob(second.answer['id'])).toEqual({ messageId: 'sent anew-8' });

  await write(
    'jobs/send-invoice.ts',
    sendInvoiceFile('sent').replace('export const', 'enum Mail { Invoice }\nexport const'),
  );
  await printed(dev, 'TypeScript enum is not supported in strip-only mode (');
  await write('jobs/send-invoice.ts', sendInvoiceFile('sent'));
  await printed(dev, 'worker ready', 3);
  const third = await vi.waitFor(async () => post({ kind: 'SendInvoice', args: { invoiceId: '9' } }), 10_000);
  expect(await resultOfJob(third.answer['id'])).toEqual({ messageId: 'sent-9' });

  await dev.interrupt();
  await vi.waitFor(() => expect(processesOfHome()).toEqual([]), 20_000);
  expect(dev.output()).toContain('All stopped.');
  expect(readdirSync(join(home, 'pids'))).toEqual([]);
}, 90_000);

test('npx holdfast work runs jobs of the queue that it is told, and a program enqueues them and reads their results', async () => {
  const temporal = start('temporal-server');
  await printed(temporal, 'Temporal listens on');
  const worker = start('work', '--queue', 'mailers', '--processes', '1');
  await printed(worker, 'worker ready');
  await write('program.ts', PROGRAM_FILE);
  expect(await run('node', ['program.ts'])).toBe('the result is sent-9\n');
  await worker.interrupt();
  expect(worker.output()).toContain('worker stopped');

  // As in a container: npx would keep the signal for itself.
  const world = "setup: () => console.log('set up'), teardown: () => console.log('torn down')";
  await write('other.config.ts', configFile('sendInvoice').replace('] }', `], ${world} }`));
  const contained = startAs('node_modules/.bin/holdfast', ['work', '--config', 'other.config.ts', '--processes', '1']);
  await printed(contained, 'worker ready');
  expect(contained.output()).toContain('set up');
  expect(await contained.terminate()).toBe(0);
  expect(contained.output()).toContain('worker stopped');
  expect(contained.output()).toContain('torn down');
  await temporal.interrupt();
  await vi.waitFor(() => expect(processesOfHome()).toEqual([]), 20_000);
}, 60_000);

test('a test of the service runs its work alone, and in a system of its own', async () => {
  await write('testing.ts', TESTING_FILE);
  expect(await run('node', ['testing.ts'])).toBe('inline: sent-7\nnow: sent-7\nnext month: sent-7\n');
  expect(processesOfHome()).toEqual([]);
}, 60_000);

describe('a configuration that cannot be used is told at start, by the name of what is wrong, and the exit code is 1', () => {
  test.each([
    ['a kind that is listed twice', 'sendInvoice, sendInvoice', 'the kind SendInvoice is listed twice'],
    [
      'a kind without work',
      '{ ...sendInvoice, run: undefined }',
      'without work: SendInvoice. List what implement() makes',
    ],
    ['what is no kind', 'sendInvoice, {} as never', 'of which number 2 is not made by defineJob()'],
  ])(
    '%s',
    async (_what, jobs, said) => {
      await write('other.config.ts', configFile(jobs));
      const ended = await end('npx', ['holdfast', 'work', '--config', 'other.config.ts']);
      expect(ended.said).toContain(said);
      expect(ended.code).toBe(1);
    },
    30_000,
  );

  test('no configuration at all', async () => {
    for (const command of ['dev', 'web', 'work']) {
      const ended = await end('npx', ['holdfast', command, '--config', 'missing.config.ts']);
      expect(ended).toEqual({
        code: 1,
        said: `There is no ${app}/missing.config.ts, which is to be the configuration.\n`,
      });
    }
  }, 30_000);
});

describe('on a Node older than 24, a sentence is said', () => {
  const SENTENCE = /^Holdfast needs Node 24 or newer, and this is Node [\d.]+\. Install a newer one, .+\n$/;
  const program = (): string => join(app, 'node_modules/holdfast/dist/bin/holdfast.js');

  test('as far as this one can pretend', async () => {
    const pretend = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.19.0' } })";
    const ended = await end('node', [
      '--import',
      `data:text/javascript,${encodeURIComponent(pretend)}`,
      program(),
      'dev',
    ]);
    expect(ended).toEqual({ code: 1, said: expect.stringMatching(SENTENCE) });
    expect(ended.said).toContain('20.19.0');
  });

  test('by one that is at hand', async ({ skip }) => {
    const old = await olderNode();
    if (old === undefined) return skip('no older Node is on PATH');
    expect(await end(old, [program(), 'dev'])).toEqual({ code: 1, said: expect.stringMatching(SENTENCE) });
  });
});

async function olderNode(): Promise<string | undefined> {
  for (const place of (process.env['PATH'] ?? '').split(delimiter)) {
    const node = await findOnPath('node', place);
    if (node !== undefined && Number.parseInt((await run(node, ['--version'])).slice(1), 10) < 24) return node;
  }
  return undefined;
}
