/**
 * The budget of every part that enters a history. Temporal's limits are hard and kill a workflow, so nobody may reach one:
 * `worst-cases.ts` shows by arithmetic that no legal sequence does, and `docs/limits.md` is made of both.
 * All in bytes of JSON in UTF-8, unless it says otherwise.
 */

const KIB = 1_024;
const MIB = 1_024 * KIB;

/** What Temporal does not forgive. Those of a server of our own could be raised; those of others could not. */
export const TEMPORAL_LIMITS = {
  /** Whatever is encoded as one: an input, a result, a signal, a heartbeat. More fails its task for ever. */
  payloadBytes: 2 * MIB,
  /** All commands and answers of one workflow task. More terminates the workflow. */
  taskBytes: 4 * MIB,
  /** Of one run. More terminates it. */
  historyBytes: 50 * MIB,
  historyEvents: 51_200,
  /** Where `continueAsNewSuggested` becomes true. */
  suggestBytes: 4 * MIB,
  suggestEvents: 4_096,
  /** Of one run, and of those at the same time. */
  updates: 2_000,
  updatesAtOnce: 10,
  signals: 10_000,
  searchAttributeBytes: 2 * KIB,
} as const;

export const BUDGETS = {
  /** Of one job, as they stand in the workflow's input. What a page shows of arguments that another system keeps is part of them. */
  arguments: 512 * KIB,
  /** New arguments of an edit or a retry. */
  edit: 512 * KIB,
  /** All arguments of a group, their jobs' options included. */
  groupArguments: 1 * MIB,

  /** Result of a kind that travels alone. A larger one is left out, with a note: the work is done. */
  result: 512 * KIB,
  /** Result of a kind that may travel in groups, also when it travels alone: up to 500 are in one history. */
  resultInGroup: 16 * KIB,
  /** Why a result was left out. */
  note: 512,
  checkpoint: 256 * KIB,
  checkpointInGroup: 4 * KIB,
  /** Two numbers. */
  progress: 64,

  /** Also what lists filter by, so it must fit a search attribute. */
  errorType: 256,
  errorMessage: 4 * KIB,
  /** The stack and the causes, as a few lines of text. */
  errorStack: 2 * KIB,
  /** Attempts before the newest keep the type and this much of the message, and no stack. */
  olderErrorMessage: 512,
  /** An error that got past the handler of an attempt, as its page shows it. */
  stray: 512,
  /** Log lines of one attempt. Kept of attempts that did not end done, and of jobs that travel alone. */
  attemptLog: 2 * KIB,

  /** A kind, a queue, a worker's identity, an id, a request key: each. */
  name: 255,
  /** Who asked for an action. */
  actor: 256,
  /** What an attempt, a message or a record says besides: numbers, times and the names of fields. */
  frame: 512,
  /** The most and the longest retry delays. */
  retryDelays: 1.5 * KIB,

  /** What an update answers: the job with its newest attempt only, without log lines. */
  actionAnswer: 16 * KIB,
  /** Ends of attempts that a chunk tells together, in a heartbeat or a message. More are told in parts, each of one end at least. */
  endsTogether: 256 * KIB,
  /** A job's record, without its arguments, that its group carries into its next run. A job with more leaves the group before. */
  recordInGroup: 1.5 * KIB,

  /** Actions that one run takes, with their answers. More are refused until the next run. */
  messagesOfRun: 2 * MIB,
  /** Their number. */
  messagesOfRunCount: 1_000,
  /** Actions that Temporal keeps while no worker answers. The web refuses more; so much by Temporal's CLI is safe too. */
  messagesUnanswered: 1 * MIB,
  /** Their number. */
  messagesUnansweredCount: 1_000,
  /** Jobs that leave a group in one workflow task, and actions that follow others; what is more goes in the next. */
  leavingInTask: 2 * MIB,
  /** How long a group's history may be when jobs go out with workers. Those that are due beyond leave, as jobs of their own. */
  groupHandsOut: 6 * MIB,
  /** The same in events. */
  groupHandsOutEvents: 6_000,
  /** What a client must be able to receive: a page may be a whole history. */
  historyPage: 64 * MIB,
} as const;

const HANDED_OVER_IN_GROUPS = { result: BUDGETS.resultInGroup, checkpoint: BUDGETS.checkpointInGroup } as const;
const HANDED_OVER_ALONE = { result: BUDGETS.result, checkpoint: BUDGETS.checkpoint } as const;

/** What work may hand over. A group has room for little of each of its jobs, and also while such a job travels alone. */
export function handedOverBudgets(travels: 'inGroups' | 'alone'): {
  readonly result: number;
  readonly checkpoint: number;
} {
  return travels === 'inGroups' ? HANDED_OVER_IN_GROUPS : HANDED_OVER_ALONE;
}
