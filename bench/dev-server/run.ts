/**
 * What the settings of the dev server are worth: the same small workflow on a server with all of them, and on one that lacks one.
 * `npm run bench:dev-server -- [rounds]`. Three rounds by default; prints the medians and how many times as long the second takes.
 */
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { loadConfig } from '../../src/config/config.ts';
import { findTemporalCli } from '../../src/dev/temporal-cli.ts';
import {
  startAlteredDevServer,
  startDevServerWithout,
  type AlteredDevServer,
} from '../../test/support/altered-dev-server.ts';
import { summarize } from '../throughput/statistics.ts';

const ROWS = [
  { setting: 'history.transferProcessorMaxPollRPS', what: '40 activities in a row', workflow: 'hops', args: [40] },
  {
    setting: 'history.timerProcessorMaxPollRPS',
    what: '15 timers of 30 ms in a row',
    workflow: 'naps',
    args: [15, 30],
  },
  {
    setting: 'history.timerProcessorMaxTimeShift',
    what: '3 timers of 30 ms in a row',
    workflow: 'naps',
    args: [3, 30],
  },
] as const;

const rounds = Number(process.argv[2] ?? 3);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error('How many rounds? A whole number from 1 on.');

const logger = new DefaultLogger('WARN');
Runtime.install({ logger });
const workflowsPath = fileURLToPath(new URL('paces.ts', import.meta.url));
const workflowBundle = await bundleWorkflowCode({ workflowsPath, logger });
const cli = await findTemporalCli({
  home: loadConfig(process.env).home,
  searchPath: process.env['PATH'],
  note: (line) => void process.stderr.write(`${line}\n`),
});

process.stdout.write(
  `${rounds} rounds each, medians in milliseconds\n\n${row('without', 'work', 'all', 'less', 'times')}\n`,
);
for (const { setting, what, workflow, args } of ROWS) {
  const all: number[] = [];
  const less: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await using tuned = await startAlteredDevServer(cli);
    all.push(await paceMs(tuned, workflow, args));
    await using stock = await startDevServerWithout(cli, `--dynamic-config-value=${setting}=`);
    less.push(await paceMs(stock, workflow, args));
  }
  const [fast, slow] = [medianOf(all), medianOf(less)];
  process.stdout.write(`${row(setting, what, fast.toFixed(0), slow.toFixed(0), (slow / fast).toFixed(1))}\n`);
}

/** How long this workflow takes. The first run uses up the burst that rate limits allow. */
async function paceMs(server: AlteredDevServer, workflow: string, args: readonly number[]): Promise<number> {
  const connection = await NativeConnection.connect({ address: `127.0.0.1:${server.port}` });
  try {
    const activities = { async nothing() {} };
    const worker = await Worker.create({ connection, taskQueue: 'pace', workflowBundle, activities });
    const client = new Client({ connection: server.connection });
    const run = async (workflowId: string): Promise<number> => {
      const start = performance.now();
      await client.workflow.execute(workflow, { taskQueue: 'pace', workflowId, args: [...args] });
      return performance.now() - start;
    };
    return await worker.runUntil(async () => {
      await run('warm-up');
      return run('measured');
    });
  } finally {
    await connection.close();
  }
}

function medianOf(values: readonly number[]): number {
  return summarize(values)?.median ?? Number.NaN;
}

function row(setting: string, work: string, ...numbers: readonly string[]): string {
  return setting.padEnd(38) + work.padEnd(30) + numbers.map((number) => number.padStart(7)).join('');
}
