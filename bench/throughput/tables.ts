/** What the bench prints: Markdown that reads well in a terminal too. */
import type { Figure } from './figures.ts';
import type { Measured, Rounds } from './measurements.ts';
import type { Measures } from './recording.ts';
import { summarize, type Summary } from './statistics.ts';
import { ROLES } from './harness.ts';

interface Column {
  readonly head: string;
  readonly width: number;
  /** @default left */
  readonly align?: 'right';
}

const FIGURE_COLUMNS: readonly Column[] = [
  { head: 'figure', width: 66 },
  { head: 'target', width: 10, align: 'right' },
  { head: 'Holdfast', width: 24, align: 'right' },
  { head: 'SDK, workflows', width: 26, align: 'right' },
  { head: 'SDK, activities', width: 26, align: 'right' },
  { head: 'ratio', width: 6, align: 'right' },
  { head: 'holds', width: 5 },
];

const MEASURED_COLUMNS: readonly Column[] = [
  { head: 'measured', width: 46 },
  { head: 'jobs', width: 7, align: 'right' },
  { head: 'jobs/s', width: 6, align: 'right' },
  { head: 'ack p50, p99', width: 12, align: 'right' },
  { head: 'to run p50, p99', width: 15, align: 'right' },
  { head: 'late min, p50, p99, max', width: 25, align: 'right' },
  { head: 'worker MB', width: 9, align: 'right' },
  { head: 'repeats', width: 7, align: 'right' },
  ...ROLES.map((role) => ({ head: role, width: 6, align: 'right' }) as const),
];

const NONE = '–';

/** What of Holdfast and of the bare SDK was measured for a figure. */
export interface Outcome {
  readonly holdfast: Rounds;
  readonly workflows: Rounds | undefined;
  readonly activities: Rounds | undefined;
}

export const FIGURES_HEAD = headOf(FIGURE_COLUMNS);

export function figureRow(figure: Figure, { holdfast, workflows, activities }: Outcome): string {
  const ours = summaryOf(figure, holdfast);
  const theirs = workflows && summaryOf(figure, workflows);
  return row(FIGURE_COLUMNS, [
    figure.what,
    targetOf(figure),
    cell(ours),
    workflows ? cell(theirs) + jobsOf(figure, workflows) : NONE,
    activities ? cell(summaryOf(figure, activities)) + jobsOf(figure, activities) : NONE,
    ours && theirs && !figure.load.countMatters ? number(ours.median / theirs.median) : NONE,
    holds(figure, holdfast) ? 'yes' : 'no',
  ]);
}

export function failedRow({ what }: Figure): string {
  return row(FIGURE_COLUMNS, [what, '', 'failed', '', '', '', 'no']);
}

export function holds(figure: Figure, rounds: Rounds): boolean {
  const { median } = summaryOf(figure, rounds) ?? { median: Number.NaN };
  return 'atLeast' in figure.target ? median >= figure.target.atLeast : median <= figure.target.atMost;
}

/** What stood behind the figures: medians of the rounds. */
export function measuredTable(all: readonly Measured[]): string {
  const rows = all.flatMap(({ load, roads, rounds }) =>
    roads.map((road, place) => [
      `${load.what}: ${road}`,
      ...measuredCells(rounds.flatMap((round) => round[place] ?? [])),
    ]),
  );
  return headOf(MEASURED_COLUMNS) + rows.map((cells) => row(MEASURED_COLUMNS, cells)).join('');
}

function measuredCells(rounds: readonly Measures[]): string[] {
  const middle = (of: (round: Measures) => number | undefined): string => {
    const summary = summarize(rounds.map(of));
    return summary ? number(summary.median) : NONE;
  };
  const middles = (...names: readonly (keyof Omit<Measures, 'cpu'>)[]): string => {
    const cells = names.map((name) => middle((round) => round[name]));
    return cells.every((text) => text === NONE) ? NONE : cells.join(', ');
  };
  return [
    middles('jobs'),
    middles('jobsPerSecond'),
    middles('ackP50', 'ackP99'),
    middles('toRunP50', 'toRunP99'),
    middles('lateMin', 'lateP50', 'lateP99', 'lateMax'),
    middles('workerMb'),
    middles('repeats'),
    ...ROLES.map((role) => middle(({ cpu }) => cpu[role])),
  ];
}

function summaryOf(figure: Figure, rounds: Rounds): Summary | undefined {
  return summarize(rounds.map((round) => figure.of(round)));
}

function targetOf({ target, unit }: Figure): string {
  const bound = 'atLeast' in target ? `≥ ${number(target.atLeast)}` : `≤ ${number(target.atMost)}`;
  return unit === 'ms' || unit === 'MB' ? `${bound} ${unit}` : bound;
}

function cell(summary: Summary | undefined): string {
  if (!summary) return NONE;
  const { median, min, max } = summary;
  return `${number(median)} (${number(min)}–${number(max)})`;
}

/** Of the bare SDK's, which has fewer where it would take hours. */
function jobsOf({ load }: Figure, rounds: Rounds): string {
  return load.countMatters ? ` of ${number(rounds[0]?.[0]?.jobs ?? 0)}` : '';
}

/** Three digits tell enough. */
function number(value: number): string {
  const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  return value.toLocaleString('en', { maximumFractionDigits: Number.isInteger(value) ? 0 : digits });
}

function headOf(columns: readonly Column[]): string {
  const heads = row(
    columns,
    columns.map(({ head }) => head),
  );
  const rule = columns.map(({ width, align }) => ` ${'-'.repeat(width - 1)}${align === 'right' ? ':' : '-'} `);
  return `${heads}|${rule.join('|')}|\n`;
}

function row(columns: readonly Column[], cells: readonly string[]): string {
  const padded = columns.map(({ width, align }, place) => {
    const text = cells[place] ?? '';
    return align === 'right' ? text.padStart(width) : text.padEnd(width);
  });
  return `| ${padded.join(' | ')} |\n`;
}
