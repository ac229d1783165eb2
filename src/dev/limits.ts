/** The document on sizes, made from the budgets and the worst that they allow. */
import { BUDGETS, TEMPORAL_LIMITS } from '../contract/budgets.ts';
import { sumOf, WORST_CASES, type WorstCase } from '../contract/worst-cases.ts';

type Budget = keyof typeof BUDGETS;

/** Nothing holds these yet: a job or a group may outgrow what Temporal takes until something does. */
const NOT_HELD_YET: ReadonlySet<Budget> = new Set(['attemptLog']);

const NUMBERS: ReadonlySet<Budget> = new Set(['messagesOfRunCount', 'messagesUnansweredCount', 'groupHandsOutEvents']);

/** What each budget bounds, and what becomes of more. */
const WORDS: Readonly<Record<Budget, readonly [what: string, beyond: string]>> = {
  arguments: ['arguments of a job, as they stand in the workflow’s input', 'refused with 413'],
  edit: ['new arguments of an edit', 'refused with 422'],
  groupArguments: ['arguments and options of all jobs of a group', 'the job goes alone'],
  result: ['result of a kind that travels alone', 'left out with a note; the job is done'],
  resultInGroup: ['result of a kind that travels in groups, alone or not', 'left out with a note; the job is done'],
  note: ['why a result was left out', 'cut short, which its end says'],
  checkpoint: ['checkpoint of a kind that travels alone', '`TypeError` at the handler’s line'],
  checkpointInGroup: ['checkpoint of a kind that travels in groups', '`TypeError` at the handler’s line'],
  progress: ['progress: two numbers', '`TypeError` at the handler’s line, where they are no finite numbers'],
  errorType: ['type of an error', 'cut short, which its end says'],
  errorMessage: ['message of an error', 'cut short, which its end says'],
  errorStack: ['stack and causes of an error, as text', 'cut short, which its end says'],
  olderErrorMessage: ['message of an error of an attempt before the newest, which keeps no stack', 'cut short'],
  attemptLog: [
    'log lines of an attempt that did not end done, or of a job that travels alone',
    'the oldest are left out',
  ],
  name: ['each id, request key, kind, queue and worker’s identity', 'refused'],
  stray: ['an error that got past its handler', 'cut short, which its end says'],
  actor: ['who asked for an action', 'cut short'],
  frame: ['what an attempt, a message or a record says besides', '–'],
  retryDelays: ['a list of retry delays of the most and the longest retry delays', 'refused'],
  actionAnswer: ['what an update answers: the job with its newest attempt only', '–'],
  endsTogether: ['ends of attempts that a chunk tells together', 'told in parts, each of one end at least'],
  recordInGroup: ['a job’s record that its group carries into its next run', 'the job leaves the group before'],
  messagesOfRun: [
    'actions that one run takes, with their answers',
    'refused with 409 until the attempt under way is over, and with it the run',
  ],
  messagesOfRunCount: ['their number', 'the same'],
  messagesUnanswered: ['actions that wait for a worker', 'refused with 409; by Temporal’s CLI: not safe'],
  messagesUnansweredCount: ['their number', 'the same'],
  leavingInTask: [
    'jobs that leave their group in one workflow task, and actions that follow others',
    'they go in the next task',
  ],
  groupHandsOut: ['history of a group that hands jobs out', 'jobs that are due leave, as jobs of their own'],
  groupHandsOutEvents: ['the same in events', 'the same'],
  historyPage: ['what a client must be able to receive', '–'],
};

export function limits(): string {
  return `# Sizes: what may enter a history

Generated from \`src/contract/budgets.ts\` and \`src/contract/worst-cases.ts\` by \`npm run docs\`.

Temporal's limits are hard: a payload over ${size(TEMPORAL_LIMITS.payloadBytes)} fails its workflow task for ever, a task with more than ${size(TEMPORAL_LIMITS.taskBytes)} of commands
terminates the workflow, and so do ${size(TEMPORAL_LIMITS.historyBytes)} or ${count(TEMPORAL_LIMITS.historyEvents)} events of one run. So every part that enters a history has a budget, and the
budgets are such that all of them together fit. Those marked *planned* have their room in the sums below; there is no such thing yet.

## The budgets

Bytes are those of JSON in UTF-8, as they stand in a payload: a control character within a text weighs six.

| what | at most | more is |
| --- | ---: | --- |
${Object.entries(BUDGETS)
  .map(([budget, most]) => budgetRow(budget as Budget, most))
  .join('\n')}

## The worst that they allow

For each thing that Temporal limits, the worst legal case: legal is what the API, the client, the pages and the handlers can do, and
messages by Temporal's CLI up to ${size(BUDGETS.messagesUnanswered)} while no worker answers. A test holds that every sum is
below its limit.

${WORST_CASES.map(worstCase).join('\n\n')}
`;
}

function budgetRow(budget: Budget, most: number): string {
  const [what, beyond] = WORDS[budget];
  const planned = NOT_HELD_YET.has(budget) ? '*planned*: ' : '';
  return `| ${planned}${what} | ${NUMBERS.has(budget) ? count(most) : size(most)} | ${beyond} |`;
}

function worstCase(worst: WorstCase): string {
  const written = worst.limit.endsWith('Bytes') ? size : count;
  const parts = worst.parts.map(({ what, times, each }) => {
    const weight = times === 1 ? written(each) : `${count(times)} × ${written(each)}`;
    return `- ${what}: ${weight}`;
  });
  const sum = `${written(sumOf(worst))} of ${written(TEMPORAL_LIMITS[worst.limit])}`;
  return [`**${upperFirst(worst.what)}**: ${sum}`, '', ...parts].join('\n');
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const KIB = 1_024;

function size(bytes: number): string {
  if (bytes >= KIB * KIB) return `${rounded(bytes / KIB / KIB)} MiB`;
  return bytes >= KIB ? `${rounded(bytes / KIB)} KiB` : `${bytes} B`;
}

function rounded(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function count(value: number): string {
  return value.toLocaleString('en-GB');
}
