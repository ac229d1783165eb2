/**
 * Throughput and punctuality: every target beside Holdfast's figure and the bare SDK's from the same run.
 * `npm start` takes the better part of an hour; `npm start -- --rows 'bulk' --rounds 1` a minute. See `--help`.
 */
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Command, InvalidArgumentError } from 'commander';
import { loadConfig } from '../../src/config/config.ts';
import { findTemporalCli } from '../../src/dev/temporal-cli.ts';
import { buildBundle } from '../../src/worker/workflow-bundle.ts';
import { allFigures, type Figure } from './figures.ts';
import { allLoads } from './workloads/all.ts';
import { describeMachine } from './machine.ts';
import { Measurements, type Rounds } from './measurements.ts';
import type { RoadName } from './subjects/subject.ts';
import { failedRow, figureRow, FIGURES_HEAD, holds, measuredTable, type Outcome } from './tables.ts';

interface Options {
  readonly rows: RegExp;
  readonly rounds: number;
  readonly processes: number;
  readonly scale: number;
  readonly bare: boolean;
}

const program = new Command('npm start --')
  .description('Jobs a second, acknowledgements and lateness: medians of the rounds, with their range.')
  .option('--rows <pattern>', 'only figures whose name matches, as a regular expression', pattern, /(?:)/)
  .option('--rounds <n>', 'rounds of each measurement, after one that warms up', positive, 3)
  .option('--processes <n>', 'worker processes', positive, 1)
  .option('--scale <factor>', 'of the numbers of jobs; below 1 to try the bench, not for figures to quote', positive, 1)
  .option('--no-bare', 'leave the bare SDK out')
  .parse();
const { rows, rounds, processes, scale, bare } = program.opts<Options>();
const figures = allFigures(allLoads(scale)).filter(({ what }) => rows.test(what));
if (figures.length === 0) program.error(`No figure matches ${String(rows)}.`);

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const { home } = loadConfig(process.env);
const cli = await findTemporalCli({ home, searchPath: process.env['PATH'], note: say });
const folder = await mkdtemp(join(tmpdir(), 'holdfast-throughput-'));
// At the exit, since that is also when what runs in other processes is killed; a signal alone would skip both.
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));

const bundlePath = await buildBundle(join(folder, 'workflow-bundle.js'));
const options = { cli, folder, bundlePath, rounds, workerProcesses: processes, environment: process.env, say };
const measurements = new Measurements(options);
for (const line of await describeMachine(cli)) process.stdout.write(`${line}\n`);
const scaled = scale === 1 ? '' : `, ${scale} times the usual numbers of jobs`;
process.stdout.write(`${rounds} rounds each, ${processes} worker process(es)${scaled}\n\n${FIGURES_HEAD}`);
let missed = 0;
for (const figure of figures) missed += (await printFigure(figure)) ? 0 : 1;
process.stdout.write(`\n${missed === 0 ? 'All targets hold.' : `Targets that do not hold: ${missed}.`}\n`);
const cpuNote = 'Times in milliseconds; on the right each role’s share of the CPU, in hundredths of one.';
process.stdout.write(`\n${cpuNote}\n\n${measuredTable(await measurements.all())}`);

/** A measurement that fails takes no other row along. @returns whether the target holds */
async function printFigure(figure: Figure): Promise<boolean> {
  try {
    const outcome = await measure(figure);
    process.stdout.write(figureRow(figure, outcome));
    return holds(figure, outcome.holdfast);
  } catch (error) {
    process.stdout.write(failedRow(figure));
    fail(figure.what, error);
    return false;
  }
}

async function measure({ what, load, roads, bareLoad }: Figure): Promise<Outcome> {
  const holdfast = await measurements.of(load, roads);
  const ofBare = async (road: RoadName): Promise<Rounds | undefined> => {
    if (!bare || !bareLoad) return undefined;
    return measurements.of(bareLoad, [road]).catch((error: unknown) => fail(`${what}, ${road}`, error));
  };
  return { holdfast, workflows: await ofBare('SDK, workflows'), activities: await ofBare('SDK, activities') };
}

function fail(what: string, error: unknown): undefined {
  say(`${what}: ${inspect(error)}`);
  process.exitCode = 1;
}

function positive(text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError('It must be a number above 0.');
  return number;
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text, 'i');
  } catch {
    throw new InvalidArgumentError('It must be a regular expression.');
  }
}
