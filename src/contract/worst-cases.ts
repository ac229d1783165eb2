/** The worst that any legal sequence can make of each thing that Temporal limits, added up from the budgets. */
import { BUDGETS, TEMPORAL_LIMITS } from './budgets.ts';
import { LIMITS } from './limits.ts';

interface Part {
  readonly what: string;
  readonly times: number;
  readonly each: number;
}

export interface WorstCase {
  readonly what: string;
  readonly limit: keyof typeof TEMPORAL_LIMITS;
  readonly parts: readonly Part[];
}

export function sumOf({ parts }: Pick<WorstCase, 'parts'>): number {
  return parts.reduce((sum, { times, each }) => sum + times * each, 0);
}

const {
  actor,
  attemptLog,
  checkpointInGroup,
  endsTogether,
  errorMessage,
  errorStack,
  errorType,
  frame,
  groupHandsOut,
  groupHandsOutEvents,
  retryDelays,
  leavingInTask,
  messagesOfRun,
  messagesOfRunCount,
  messagesUnanswered,
  messagesUnansweredCount,
  actionAnswer,
  name,
  olderErrorMessage,
  progress,
  recordInGroup,
  stray,
} = BUDGETS;
const { groupItems, attemptsShown } = LIMITS;

const part = (what: string, each: number, times = 1): Part => ({ what, times, each });

const error = errorType + errorMessage + errorStack;
/** Where an error was thrown stands with the job. */
const newestAttempt = frame + name + errorType + errorMessage + attemptLog + actor + stray;
const olderAttempt = frame + name + errorType + olderErrorMessage + attemptLog + actor + stray;
/** What a job has beside its arguments and attempts: id, kind, queue, retryDelays, the last error again. */
const actionsTaken = LIMITS.actionsShown * (frame / 8 + actor);
const job = frame + 3 * name + retryDelays + error + progress + actionsTaken;

/** How an attempt ended, as a worker tells it. */
const endOfOne = frame + name + BUDGETS.result + BUDGETS.checkpoint + progress + error + attemptLog + stray;
const failureInGroup = frame + checkpointInGroup + progress + error + attemptLog + stray;
const doneInGroup = frame + progress + BUDGETS.resultInGroup + stray;
const endInGroup = Math.max(failureInGroup, doneInGroup);
/** A job that leaves its group, without its arguments: what was carried, and its failure in its newest attempt and as its own. */
const startOfLeaver =
  frame + 2 * name + recordInGroup + checkpointInGroup + progress + newestAttempt + error + actionsTaken;
/** How a job that left is closed, as its group's history has it: its result or its failure. */
const closed = frame + Math.max(BUDGETS.resultInGroup, error);
const chunkItem = frame / 2 + name;

const record: readonly Part[] = [
  part('the job: names, retryDelays, last error, progress', job),
  part('its newest attempt', newestAttempt),
  part('older attempts, shortened', olderAttempt, attemptsShown - 1),
  part('checkpoint', BUDGETS.checkpoint),
];

export const WORST_CASES: readonly WorstCase[] = [
  {
    what: 'a job on its own is started',
    limit: 'payloadBytes',
    parts: [part('arguments', BUDGETS.arguments), part('options', frame + name + retryDelays + actor)],
  },
  {
    what: 'a group is started',
    limit: 'payloadBytes',
    parts: [
      part('arguments and options of all', BUDGETS.groupArguments),
      part('kind, request key, actor of each', 2 * name + actor + frame / 4, groupItems),
    ],
  },
  {
    what: 'an edit',
    limit: 'payloadBytes',
    parts: [part('arguments', BUDGETS.edit), part('the rest', frame + name + retryDelays + actor)],
  },
  {
    what: 'a job on its own continues as new, edited and with every attempt failed',
    limit: 'payloadBytes',
    parts: [part('arguments as started', BUDGETS.arguments), part('arguments as edited', BUDGETS.edit), ...record],
  },
  {
    what: 'a group of the most jobs continues as new',
    limit: 'payloadBytes',
    parts: [
      part('arguments of all', BUDGETS.groupArguments),
      part('records', recordInGroup, groupItems),
      part('counts', frame),
    ],
  },
  {
    what: 'an attempt is handed out',
    limit: 'payloadBytes',
    parts: [
      part('arguments', BUDGETS.edit),
      part('checkpoint', BUDGETS.checkpoint),
      part('the rest', frame + 3 * name),
    ],
  },
  {
    what: 'an attempt tells how it ended, or heartbeats',
    limit: 'payloadBytes',
    parts: [part('result, checkpoint, progress, error and log', endOfOne)],
  },
  {
    what: 'a chunk of a whole group is handed out',
    limit: 'payloadBytes',
    parts: [part('arguments', BUDGETS.groupArguments), part('the rest of each', chunkItem, groupItems)],
  },
  {
    what: 'a chunk tells how its jobs are, or heartbeats',
    limit: 'payloadBytes',
    parts: [
      part('ends that are told together, and one more', endsTogether + endInGroup),
      part('jobs that run or came back', frame / 8 + progress + stray, groupItems),
    ],
  },
  {
    what: 'a job leaves its group, edited',
    limit: 'payloadBytes',
    parts: [part('arguments', BUDGETS.edit), part('its record, with its failure', startOfLeaver)],
  },
  {
    what: 'a workflow ends',
    limit: 'payloadBytes',
    parts: [part('its result, or its last error', Math.max(BUDGETS.result, error + frame))],
  },
  {
    what: 'a group’s task: jobs leave, all others are handed out, actions are answered',
    limit: 'taskBytes',
    parts: [
      part('jobs that leave', leavingInTask),
      part('arguments handed out', BUDGETS.groupArguments),
      part('the rest of each', chunkItem + frame / 2, groupItems),
      part('answers', actionAnswer, TEMPORAL_LIMITS.updatesAtOnce),
    ],
  },
  {
    what: 'a job’s task: it continues as new, and actions are answered',
    limit: 'taskBytes',
    parts: [
      part('arguments as started and as edited', BUDGETS.arguments + BUDGETS.edit),
      ...record,
      part('answers', actionAnswer, TEMPORAL_LIMITS.updatesAtOnce),
    ],
  },
  {
    what: 'an answer to an action',
    limit: 'payloadBytes',
    parts: [
      part('the job and its newest attempt', job - retryDelays - actionsTaken + actor + newestAttempt - attemptLog),
    ],
  },
  {
    what: 'a group’s run: all jobs go out when it is almost long enough to continue as new, fail, leave and are closed',
    limit: 'historyBytes',
    parts: [
      part('what came before', groupHandsOut),
      part('the last that is handed out: arguments', BUDGETS.groupArguments),
      part('… and the rest of each', chunkItem, groupItems),
      part('failures, told by a message and once more by the chunk’s last heartbeat', failureInGroup, 2 * groupItems),
      part('jobs that leave: arguments', BUDGETS.groupArguments),
      part('… and their records', startOfLeaver, groupItems),
      part('how they are closed', closed, groupItems),
      part('messages and answers', messagesOfRun),
      part('jobs that leave with edited arguments', messagesOfRun),
      part('messages that follow a job that has left', messagesOfRun),
      part(
        'messages while no worker answered, jobs that these make leave, and what follows those',
        messagesUnanswered,
        3,
      ),
    ],
  },
  {
    what: 'a group’s run: all jobs go out when it is almost long enough to continue as new, and are done',
    limit: 'historyBytes',
    parts: [
      part('what came before', groupHandsOut),
      part('the last that is handed out: arguments', BUDGETS.groupArguments),
      part('… and the rest of each', chunkItem, groupItems),
      part('results, told by a message and once more by the chunk’s last heartbeat', doneInGroup, 2 * groupItems),
      part('messages and answers', messagesOfRun),
      part('messages while no worker answered', messagesUnanswered),
    ],
  },
  {
    what: 'a group’s run, in events',
    limit: 'historyEvents',
    parts: [
      part('what came before', groupHandsOutEvents),
      part('a job goes out, and its end is told twice, each with a workflow task', 3 + 2 * (1 + 3), groupItems),
      part('a job leaves: child begun, there, closed, and workflow tasks', 3 + 2 * 3, groupItems),
      part('a message: accepted, answered, its workflow task and what it lists', 2 + 3 + 1, messagesOfRunCount),
      part('… follows a job that has left: sent, heard, a workflow task', 2 + 3, messagesOfRunCount),
      part('a message while no worker answered, which follows a job', 1 + 2 + 3, messagesUnansweredCount),
    ],
  },
  {
    what: 'a job’s run: an attempt goes out when it is almost long enough to continue as new',
    limit: 'historyBytes',
    parts: [
      part('what came before', TEMPORAL_LIMITS.suggestBytes),
      part('arguments and checkpoint of the attempt', BUDGETS.edit + BUDGETS.checkpoint + frame + 3 * name),
      part('its end', endOfOne),
      part('the job’s own end', BUDGETS.result + frame),
      part('messages and answers', messagesOfRun),
      part('messages while no worker answered', messagesUnanswered),
    ],
  },
  {
    what: 'updates of one run',
    limit: 'updates',
    parts: [part('messages that a run takes', 1, messagesOfRunCount)],
  },
  {
    what: 'the type of an error, as lists filter by it',
    limit: 'searchAttributeBytes',
    parts: [part('type', errorType)],
  },
];
