/** What people ask of a group's jobs, by the item's number or of all at once; and what the group's chunks say and ask. */
import {
  condition,
  defineSignal,
  defineUpdate,
  getExternalWorkflowHandle,
  log,
  setDefaultSignalHandler,
  setHandler,
  type ExternalWorkflowHandle,
} from '@temporalio/workflow';
import { jsonBytes } from '../../../contract/clip.ts';
import {
  chunkProgress,
  chunkCancellations,
  GROUP_SIGNALS,
  GROUP_UPDATES,
  groupQuery,
  itemQuery,
} from '../../../contract/group-messages.ts';
import { itemId, type GroupView } from '../../../job/group/groups.ts';
import { newestAttemptOnly } from '../../../job/job-view.ts';
import type { JobView } from '../../../job/job.ts';
import { readAction, readActionOfAll } from '../../../job/read-action.ts';
import type { MessagesOfRun } from '../messages-of-run.ts';
import { checkAction, takeSignal, takeUnanswered, takeUpdate } from '../handle-action.ts';
import type { TaskRoom } from '../workflow-task.ts';
import type { Group } from './group.ts';

type Target = number | null | undefined;

interface Desk {
  readonly group: Group;
  readonly messages: MessagesOfRun;
  readonly room: TaskRoom;
}

/** Call it before the first `await`, so that a message that came with the first task finds its handler. */
export function answerGroupMessages(desk: Desk): void {
  const { group, messages } = desk;
  setHandler(itemQuery, (item) => group.item(item).view);
  setHandler(groupQuery, () => group.view);
  setHandler(chunkCancellations, (chunk) => ({ abort: group.toAbort(chunk) }));
  setHandler(chunkProgress, (news) => group.hearProgress(news));

  // First of the actions, since it takes the signals that came before the first task in their order.
  setDefaultSignalHandler((name, target, input) => signal(desk, name, target, input));
  for (const name of Object.keys(GROUP_SIGNALS))
    setHandler(defineSignal<[target: unknown, input: unknown]>(name), (...args) => signal(desk, name, ...args));

  for (const name of Object.keys(GROUP_UPDATES))
    setHandler(
      defineUpdate<JobView | GroupView, [target: Target, input: unknown]>(name),
      async (target, input) => {
        messages.take(input);
        return messages.answer(await update(group, name, target, input));
      },
      {
        validator(target, input) {
          check(group, name, target, input);
          messages.check(group.id, input);
        },
      },
    );
}

function check(group: Group, name: string, target: Target, input: unknown): void {
  if (isOne(target)) checkAction(group.item(target), readAction(name, input));
  else readActionOfAll(name, input);
}

async function update(group: Group, name: string, target: Target, input: unknown): Promise<JobView | GroupView> {
  if (!isOne(target)) {
    const action = readActionOfAll(name, input);
    // Each job takes it as far as it may; one that a worker has takes it when that is over.
    for (const item of group.open) void takeUnanswered(item, () => action);
    return group.view;
  }
  const item = group.item(target);
  const view = newestAttemptOnly(await takeUpdate(item, readAction(name, input)));
  // Whoever edits a job finds it where it goes on.
  await condition(() => !item.shouldLeave && !item.isLeaving);
  return view;
}

async function signal(desk: Desk, name: string, target: unknown, input: unknown): Promise<void> {
  const { group, messages } = desk;
  messages.take(input);
  if (typeof target === 'number') return signalOne(desk, name, target, input);
  if (target !== null && target !== undefined) return;
  await Promise.all(group.open.map((item) => takeUnanswered(item, () => readActionOfAll(name, input))));
}

async function signalOne(desk: Desk, name: string, number: number, input: unknown): Promise<void> {
  const { group } = desk;
  const item = group.find(number);
  if (item?.isOpen) {
    if (name !== 'cancel') await takeSignal(item, name, input);
    else group.cancel(item);
    return;
  }
  await item?.leaving;
  const args = input === undefined ? [] : [input];
  await follow(desk, number, args, async (job) => (name === 'cancel' ? job.cancel() : job.signal(name, ...args)));
}

/** What was acknowledged goes after a job that has left, to where it goes on. */
async function follow(
  { group, room }: Desk,
  number: number,
  args: readonly unknown[],
  send: (job: ExternalWorkflowHandle) => Promise<void>,
): Promise<void> {
  const bytes = jsonBytes(args);
  await condition(() => room.isThereFor(bytes));
  room.take(bytes);
  try {
    await send(getExternalWorkflowHandle(itemId(group.id, number)));
  } catch (error) {
    log.warn('a signal was ignored: the job has ended, or never was', {
      groupId: group.id,
      number,
      why: String(error),
    });
  }
}

function isOne(target: Target): target is number {
  return target !== null && target !== undefined;
}
