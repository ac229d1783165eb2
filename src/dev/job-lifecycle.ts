/** The document on a job's life, made from the drawing that the code itself goes by. */
import { DEAD_RETENTION_MS, DEFAULT_RETRY_DELAYS_MS, DEFAULT_MAX_ATTEMPTS } from '../job/retry-delays.ts';
import { CRASHES_UNTIL_DEAD, DEATHS_ALONE_UNTIL_DEAD } from '../job/blame.ts';
import { JOB_STATES, legalActions } from '../job/job-states.ts';

const SECOND = 1_000;
const [MINUTE, HOUR, DAY] = [60 * SECOND, 3_600 * SECOND, 86_400 * SECOND];

export function jobLifecycle(): string {
  return `# The life of a job

Generated from \`src/job/job-states.ts\` by \`npm run docs\`.

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

A failed attempt waits for the next retry delay: ${DEFAULT_RETRY_DELAYS_MS.map(duration).join(', ')}, and then once every
${duration(DEFAULT_RETRY_DELAYS_MS.at(-1) ?? 0)}. After ${DEFAULT_MAX_ATTEMPTS} attempts the job is dead. Both can be set for each kind and each job. Work
can name the delay itself (\`retryLater\`), which counts as an attempt, or end its job (\`discardJob\`).

## Crashes

An attempt whose process died is a crash: the job runs again, from its last checkpoint, and uses no retry delay; at once after the first, and
after a pause that grows with each further one in a row. Nobody is blamed for company. At two deaths in a row without progress between
them a job is **suspect**, and its attempts run alone, each in a process of its own; whatever ends there otherwise than by a death
is cleared. ${DEATHS_ALONE_UNTIL_DEAD} deaths alone make the job dead, because it is what kills its processes; ${CRASHES_UNTIL_DEAD} crashes in all do so whatever is known of
them. Progress is a \`done\` beyond, or a checkpoint other than, anything that an attempt before had reached when it crashed; an hour
without a crash starts the count again. A worker that was killed as a whole, a machine that slept, or heartbeats that stopped make
nobody guilty. An attempt whose worker was stopped orderly and could not finish within the grace time runs again at once, and is no
crash.

## Dead jobs

A dead job waits ${duration(DEAD_RETENTION_MS)} for a person and then fails for good, with its last error. A retry gives it its whole
retry delays again; its timeline goes on counting.
`;
}

function arrows(): string[] {
  const ends: string[] = [];
  const lines = Object.entries(JOB_STATES).flatMap(([state, { actions, events }]) => {
    const out = [...Object.entries(events), ...Object.entries(actions)];
    if (out.length === 0) ends.push(`  ${state} --> [*]`);
    // Actions that lead back to where they started would only clutter the picture; the table has them.
    return out.filter(([, to]) => to !== state).map(([what, to]) => `  ${state} --> ${to}: ${what}`);
  });
  return [...lines, ...ends];
}

function rows(): string[] {
  return Object.entries(JOB_STATES).map(([state, { summary }]) => {
    const actions = legalActions(state as keyof typeof JOB_STATES);
    return `| \`${state}\` | ${summary} | ${actions.map((action) => `*${action}*`).join(', ') || '–'} |`;
  });
}

function duration(ms: number): string {
  if (ms % DAY === 0 && ms > DAY) return `${ms / DAY} days`;
  if (ms % HOUR === 0) return `${ms / HOUR} h`;
  if (ms % MINUTE === 0 && ms !== 90 * SECOND) return `${ms / MINUTE} min`;
  return `${ms / SECOND} s`;
}
