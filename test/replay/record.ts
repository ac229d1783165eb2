/**
 * Records a history of every scripted life, or of those named: `npm run record-histories [KIND/LIFE…]`. Do it for a new life, never to
 * make a failing replay pass.
 * In Temporal's own binary form: the SDK's reader of JSON histories does not work with 1.24, whose packages bring two protobufjs.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import proto from '@temporalio/proto';
import { NativeConnection } from '@temporalio/worker';
import { loadConfig } from '../../src/config/config.ts';
import { findTemporalCli } from '../../src/dev/temporal-cli.ts';
import { connectClient } from '../../src/temporal/connect.ts';
import { buildBundle } from '../../src/worker/workflow-bundle.ts';
import { startTestDevServer } from '../support/dev-server.ts';
import { GROUP_LIVES } from '../support/group-scenarios.ts';
import { LIVES } from '../support/scenarios.ts';
import { scriptedWorld } from '../support/scripted-world.ts';
import { whileRunning } from '../support/while-running.ts';

const { temporal } = proto;
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const HISTORIES = fileURLToPath(new URL('./histories/', import.meta.url));
const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const note = (line: string): void => void process.stderr.write(`${line}\n`);
const config = loadConfig(process.env);
const wanted = process.argv.slice(2);
const cli = await findTemporalCli({ home: config.home, searchPath: process.env['PATH'], note });

await using server = await startTestDevServer(cli);
const folder = await mkdtemp(join(tmpdir(), 'holdfast-record-'));
const client = connectClient(loadConfig({ TEMPORAL_ADDRESS: server.server.address }).temporal);
const connection = await NativeConnection.connect({ address: server.server.address });
try {
  const workflowBundlePath = await buildBundle(join(folder, 'workflow-bundle.js'));
  const world = await scriptedWorld({ client, connection, workflowBundlePath, queue: 'record' });
  await whileRunning(world.workers, async () => {
    for (const life of [...LIVES, ...GROUP_LIVES]) {
      if (wanted.length > 0 && !wanted.includes(`${life.kind}/${life.name}`)) continue;
      const id = await life.live(world, async () => undefined);
      const file = join(HISTORIES, life.kind, `${life.name}.${version}.binpb`);
      await mkdir(join(HISTORIES, life.kind), { recursive: true });
      const history = await client.workflow.getHandle(id).fetchHistory();
      const { History } = temporal.api.history.v1;
      const anywhere = History.fromObject(withoutPaths(History.toObject(History.create(history))) as object);
      await writeFile(file, History.encode(anywhere).finish());
      note(`recorded ${life.kind}/${life.name}`);
    }
  });
} finally {
  await connection.close();
  await client.connection.close();
  await rm(folder, { recursive: true });
}

/** Stack traces name files of this machine, which are nobody else's affair. */
function withoutPaths(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(`file://${ROOT}`, '').replaceAll(ROOT, '');
  if (value instanceof Uint8Array)
    return new TextEncoder().encode(String(withoutPaths(new TextDecoder().decode(value))));
  if (Array.isArray(value)) return value.map((item) => withoutPaths(item));
  // Of numbers, of those that are too large for one, and of nothing there is nothing to take out.
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutPaths(inner)]));
}
