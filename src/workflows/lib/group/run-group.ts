/** The loop of every group: hand out what is due, as chunks, and look again when one comes back or the next job is due. */
import {
  allHandlersFinished,
  CancelledFailure,
  CancellationScope,
  condition,
  continueAsNew,
  workflowInfo,
} from '@temporalio/workflow';
import type { GroupInput, GroupSummary } from '../../../contract/groups.ts';
import { answerGroupMessages } from './answer-messages.ts';
import type { Chunk } from './chunk.ts';
import { Group } from './group.ts';
import { leaveGroup } from './leave-group.ts';

/** @param inputs what the workflow was started with: anything, since a start may come past the web */
export async function runGroup(inputs: readonly unknown[]): Promise<GroupSummary> {
  const group = new Group(inputs);
  answerGroupMessages(group);
  let isCancelled = false;
  CancellationScope.current().cancelRequested.catch(() => {
    isCancelled = true;
    for (const item of group.open) group.cancel(item);
  });
  // The request to cancel is handed on to each job; the loop itself goes on until all of them have ended.
  await CancellationScope.nonCancellable(() => loop(group));
  if (isCancelled) throw new CancelledFailure('the group was cancelled');
  return group.summary;
}

async function loop(group: Group): Promise<void> {
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  const run = async (chunk: Chunk): Promise<void> =>
    group.chunkEnded(chunk, await chunk.run({ groupId: group.id, queue: group.queue }));
  for (;;) {
    group.forgetEnded();
    for (const item of group.leaving) leaveGroup(group.id, item);
    if (group.open.length === 0) break;
    const isLong = workflowInfo().continueAsNewSuggested;
    if (isLong && group.isIdle) await continueAsNewWith(group);
    if (!isLong) for (const chunk of group.handOutDue(Date.now())) run(chunk).catch(failed.reject);
    group.list();
    await Promise.race([changed(group, isLong), failed.promise]);
  }
  await condition(() => allHandlersFinished() && group.haveAllLeft);
}

/** The next time to look: something came in, or jobs are due. */
async function changed(group: Group, isLong: boolean): Promise<void> {
  const { version } = group;
  const isChanged = (): boolean => group.version !== version;
  // Nothing more goes out in a run that is about to end.
  const next = isLong && !group.isIdle ? undefined : group.nextHandOutAt(Date.now());
  if (next === undefined) await condition(isChanged);
  else await condition(isChanged, Math.max(1, next - Date.now()));
}

/** Histories stay short: the next run has only what is still to do. */
async function continueAsNewWith(group: Group): Promise<void> {
  await condition(() => allHandlersFinished() && group.haveAllLeft);
  // A message may have come meanwhile, and ended or moved out what was left.
  if (group.leaving.length > 0 || group.open.length === 0) return;
  const next: GroupInput = { queue: group.queue, items: [], carried: group.carried };
  await continueAsNew(next);
}
