/** The document on a job's life, made from the drawing that the code itself goes by. */
import {
  CRASHES_IN_A_ROW_UNTIL_DEAD,
  DEAD_RETENTION_MS,
  DEFAULT_LADDER_MS,
  DEFAULT_MAX_ATTEMPTS,
} from '../contract/back-off.ts';
import { JOB_STATES, legalMoves } from '../contract/job-states.ts';

const SECOND = 1_000;
const [MINUTE, HOUR, DAY] = [60 * SECOND, 3_600 * SECOND, 86_400 * SECOND];

export function jobLifecycle(): string {
  return `# The life of a job

Generated from \`src/contract/job-states.ts\` by \`npm run docs\`.

\`\`\`mermaid
stateDiagram-v2
  [*] --> scheduled
${arrows().join('\n')}
\`\`\`

Arrows with a name in italics in the table below are what a person may do; the others happen by themselves. A paused job is resumed
to where it was: \`scheduled\`, or \`retrying\` when it had failed before.

| state | the job … | a person may |
| --- | --- | --- |
${rows().join('\n')}

## Clocks

A due time that is an instant (\`dueAt\`) is one of Temporal's clock, and a delay (\`delayMs\`) counts from the job's start by that clock:
it travels as a delay, so a web server or a program whose clock is wrong starts jobs that are due in time all the same. Only what lists
say may be off by such a clock, by 5 s at most once a worker has seen the job.

## Starts that are not usable

A job may be started by Temporal's own tools, with anything as its input. It is judged by the checks of the API: what fails them is
\`dead\` from the start, with the error \`JobInvalid\` and the name of each field that is wrong. An *edit* mends it and a *retry* runs it;
what is wrong and not mended is left out then. In a group, only such a job is dead: it leaves the group as a dead one does. One whose kind
nobody knows ends at once. What is no group at all fails as \`GroupInvalid\`, before any job of it has run.

## Back-off

A failed attempt waits for the next rung of the ladder: ${DEFAULT_LADDER_MS.map(duration).join(', ')}, and then once every
${duration(DEFAULT_LADDER_MS.at(-1) ?? 0)}. After ${DEFAULT_MAX_ATTEMPTS} attempts the job is dead. Both can be set for each kind and each job. Work
can name the delay itself (\`retryLater\`), which counts as an attempt, or end its job (\`discardJob\`).

## Crashes

An attempt whose worker vanished is not the job's fault: it runs again at once, from its last checkpoint, and uses no rung. The
${CRASHES_IN_A_ROW_UNTIL_DEAD}th crash in a row makes the job dead, because it may be what kills the workers. An attempt whose worker was stopped
orderly and could not finish within the grace time runs again at once too, and does not count as a crash.

## Dead jobs

A dead job waits ${duration(DEAD_RETENTION_MS)} for a person and then fails for good, with its last error. A retry gives it its whole
ladder again; its timeline goes on counting.
`;
}

function arrows(): string[] {
  const ends: string[] = [];
  const lines = Object.entries(JOB_STATES).flatMap(([state, { moves, events }]) => {
    const out = [...Object.entries(events), ...Object.entries(moves)];
    if (out.length === 0) ends.push(`  ${state} --> [*]`);
    // Moves that lead back to where they started would only clutter the picture; the table has them.
    return out.filter(([, to]) => to !== state).map(([what, to]) => `  ${state} --> ${to}: ${what}`);
  });
  return [...lines, ...ends];
}

function rows(): string[] {
  return Object.entries(JOB_STATES).map(([state, { summary }]) => {
    const moves = legalMoves(state as keyof typeof JOB_STATES);
    return `| \`${state}\` | ${summary} | ${moves.map((move) => `*${move}*`).join(', ') || '–'} |`;
  });
}

function duration(ms: number): string {
  if (ms % DAY === 0 && ms > DAY) return `${ms / DAY} days`;
  if (ms % HOUR === 0) return `${ms / HOUR} h`;
  if (ms % MINUTE === 0 && ms !== 90 * SECOND) return `${ms / MINUTE} min`;
  return `${ms / SECOND} s`;
}
