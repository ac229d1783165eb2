/** The loop of every group: hand out what is due, as chunks, and look again when one comes back or the next job is due. */
import {
  allHandlersFinished,
  CancelledFailure,
  CancellationScope,
  condition,
  continueAsNew,
  workflowInfo,
} from '@temporalio/workflow';
import { BUDGETS } from '../../../contract/budgets.ts';
import type { GroupInput, GroupSummary } from '../../../job/group/groups.ts';
import { MessagesOfRun } from '../messages-of-run.ts';
import { TaskRoom } from '../workflow-task.ts';
import { answerGroupMessages } from './answer-group-messages.ts';
import type { Chunk } from './chunk.ts';
import { Group } from './group.ts';
import { detachFromGroup } from './detach-from-group.ts';

/** @param inputs what the workflow was started with: anything, since a start may come past the web */
export async function runGroup(inputs: readonly unknown[]): Promise<GroupSummary> {
  const group = new Group(inputs);
  const messages = new MessagesOfRun();
  const room = new TaskRoom(BUDGETS.leavingInTask);
  answerGroupMessages({ group, messages, room });
  CancellationScope.current().cancelRequested.catch(() => group.cancel());
  // The request to cancel is handed on to each job; the loop itself goes on until all of them have ended.
  await CancellationScope.nonCancellable(() => loop(group, messages, room));
  if (group.isCancelled) throw new CancelledFailure('the group was cancelled');
  return group.summary;
}

async function loop(group: Group, messages: MessagesOfRun, room: TaskRoom): Promise<void> {
  const { queue, priority } = group;
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  const run = async (chunk: Chunk): Promise<void> =>
    group.chunkEnded(chunk, await chunk.run({ groupId: group.id, queue, priority }));
  for (;;) {
    group.forgetEnded();
    const haveAllGone = detachFromGroup(group.id, group.leaving, room);
    if (group.open.length === 0) break;
    const isLong = workflowInfo().continueAsNewSuggested || messages.areSpent;
    if (isLong && group.isIdle && haveAllGone) {
      await continueAsNewWith(group);
      continue;
    }
    const due = group.due(Date.now());
    if (isTooLong() && due.length > 0) {
      // What is out with workers may take hours, and no job waits for another. These go on as workflows of their own.
      for (const item of due) item.part();
      continue;
    }
    for (const chunk of group.handOut(due)) run(chunk).catch(failed.reject);
    group.list();
    await Promise.race([changed(group), failed.promise]);
  }
  await condition(() => allHandlersFinished() && group.haveAllLeft);
}

/** Whether the history has room for what is out, and for nothing more. */
function isTooLong(): boolean {
  const { historySize, historyLength } = workflowInfo();
  return historySize > BUDGETS.groupHandsOut || historyLength > BUDGETS.groupHandsOutEvents;
}

/** The next time to look: something came in, or jobs are due. */
async function changed(group: Group): Promise<void> {
  const { version } = group;
  const isChanged = (): boolean => group.version !== version;
  const next = group.nextHandOutAt(Date.now());
  if (next === undefined) await condition(isChanged);
  else await condition(isChanged, Math.max(1, next - Date.now()));
}

/** Histories stay short: the next run has only what is still to do. Returns where something else has to be done before. */
async function continueAsNewWith(group: Group): Promise<void> {
  group.partWithHeavy();
  if (group.leaving.length > 0) return;
  await condition(() => allHandlersFinished() && group.haveAllLeft);
  // A message may have come meanwhile, and ended or moved out what was left.
  if (group.leaving.length > 0 || group.open.length === 0) return;
  const { queue, priority, carried } = group;
  const next: GroupInput = { queue, ...(priority !== undefined && { priority }), items: [], carried };
  await continueAsNew(next);
}
