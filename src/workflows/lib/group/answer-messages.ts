/** What people ask of a group's jobs, by the item's number or of all at once; and what the group's chunks say and ask. */
import { ApplicationFailure, condition, setDefaultSignalHandler, setHandler } from '@temporalio/workflow';
import {
  chunkNews,
  chunkWishes,
  GROUP_SIGNALS,
  GROUP_UPDATES,
  groupQuery,
  itemQuery,
} from '../../../contract/group-messages.ts';
import type { GroupView } from '../../../contract/groups.ts';
import type { Move } from '../../../contract/job-events.ts';
import type { JobView } from '../../../contract/job.ts';
import { readMove } from '../../../contract/read-move.ts';
import { checkMove, takeSignal, takeUnanswered, takeUpdate } from '../take-move.ts';
import type { Group } from './group.ts';

type SimpleMove = Exclude<Move['type'], 'reschedule' | 'edit' | 'retry'>;
const SIMPLE_MOVES: readonly SimpleMove[] = ['runNow', 'pause', 'resume', 'discard'];

type Target = number | null | undefined;

/** Call it before the first `await`, so that a message that came with the first task finds its handler. */
export function answerGroupMessages(group: Group): void {
  setHandler(itemQuery, (item) => group.item(item).view);
  setHandler(groupQuery, () => group.view);
  setHandler(chunkWishes, (chunk) => ({ abort: group.toAbort(chunk) }));
  setHandler(chunkNews, (news) => group.hearNews(news));
  setHandler(GROUP_SIGNALS.cancel, (item) => cancel(group, item));

  // First of the moves, since it takes the signals that came before the first task in their order.
  setDefaultSignalHandler((name, target, input) => signal(group, name, target as Target, input));
  setHandler(GROUP_SIGNALS.reschedule, (target, dueAt) => signal(group, 'reschedule', target, dueAt));
  setHandler(GROUP_SIGNALS.edit, (target, changes) => signal(group, 'edit', target, changes));

  setHandler(GROUP_UPDATES.reschedule, (target, dueAt) => update(group, target, readMove('reschedule', dueAt)), {
    validator: (target, dueAt) => check(group, target, readMove('reschedule', dueAt)),
  });
  setHandler(GROUP_UPDATES.edit, (target, changes) => update(group, target, readMove('edit', changes)), {
    validator: (target, changes) => check(group, target, readMove('edit', changes)),
  });
  for (const type of SIMPLE_MOVES) {
    setHandler(GROUP_SIGNALS[type], (target) => signal(group, type, target));
    setHandler(GROUP_UPDATES[type], (target) => update(group, target, { type }), {
      validator: (target) => check(group, target, { type }),
    });
  }
}

function check(group: Group, target: Target, move: Move): void {
  if (isOne(target)) checkMove(group.item(target), move);
}

async function update(group: Group, target: Target, move: Move): Promise<JobView | GroupView> {
  if (!isOne(target)) {
    // Each job takes it as far as it may; one that a worker has takes it when that is over.
    for (const item of group.open) void takeUnanswered(item, () => move);
    return group.view;
  }
  const item = group.item(target);
  const view = await takeUpdate(item, move);
  // Whoever edits a job finds it where it goes on.
  await condition(() => !item.shouldLeave && !item.isLeaving);
  return view;
}

async function signal(group: Group, name: string, target: Target, input?: unknown): Promise<void> {
  if (!isOne(target)) {
    await Promise.all(group.open.map((item) => takeSignal(item, name, input)));
    return;
  }
  try {
    await takeSignal(group.item(target), name, input);
  } catch (error) {
    // Of a job that is no longer here: nobody waits for the answer.
    if (!(error instanceof ApplicationFailure)) throw error;
  }
}

function cancel(group: Group, target: number): void {
  try {
    group.cancel(group.item(target));
  } catch (error) {
    if (!(error instanceof ApplicationFailure)) throw error;
  }
}

function isOne(target: Target): target is number {
  return target !== null && target !== undefined;
}
