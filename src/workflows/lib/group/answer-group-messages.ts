/** What people ask of a group's jobs, by the item's number or of all at once; and what the group's chunks say and ask. */
import {
  condition,
  getExternalWorkflowHandle,
  log,
  setDefaultSignalHandler,
  setHandler,
  type ExternalWorkflowHandle,
} from '@temporalio/workflow';
import { jsonBytes } from '../../../contract/clip.ts';
import { needsNewer, NeedsNewerWorkerError } from '../../../contract/format.ts';
import {
  chunkCancellations,
  chunkProgress,
  groupQuery,
  jobQuery,
  SIGNALS,
  UPDATES,
  type ActionArguments,
  type ItemNumber,
} from '../../../contract/messages.ts';
import { ACTION_NAMES, type ActionName } from '../../../job/actions.ts';
import { itemId, type GroupView } from '../../../job/group/groups.ts';
import { newestOnly } from '../../../job/job-view.ts';
import type { JobView } from '../../../job/job.ts';
import { readAction, readActionOfAll } from '../../../job/read-action.ts';
import { checkAction, checkFormat, takeSignal, takeUnanswered, takeUpdate } from '../handle-action.ts';
import type { MessagesOfRun } from '../messages-of-run.ts';
import type { TaskRoom } from '../workflow-task.ts';
import type { Group } from './group.ts';

interface Desk {
  readonly group: Group;
  readonly messages: MessagesOfRun;
  readonly room: TaskRoom;
}

/** Call it before the first `await`, so that a message that came with the first task finds its handler. */
export function answerGroupMessages(desk: Desk): void {
  const { group, messages } = desk;
  setHandler(jobQuery, (item) => group.item(item).view);
  setHandler(groupQuery, () => group.view);
  setHandler(chunkCancellations, (chunk) => ({ abort: group.toAbort(chunk) }));
  setHandler(chunkProgress, (progress) => group.hearProgress(progress));

  // First of the actions, since it takes the signals that came before the first task in their order.
  setDefaultSignalHandler((name, message, item) => signal(desk, name, message, item));
  for (const name of ACTION_NAMES) {
    setHandler(SIGNALS[name], async (message, item) => signal(desk, name, message, item));
    setHandler(
      UPDATES[name],
      async (...[message, item]: ActionArguments) => {
        messages.take(message);
        return messages.answer(await update(group, name, message, item));
      },
      {
        validator(...[message, item]: ActionArguments) {
          checkFormat(name, message);
          check(group, name, message, item);
          messages.check(group.id, message);
        },
      },
    );
  }
}

function check(group: Group, name: ActionName, message: unknown, item: ItemNumber): void {
  if (isOne(item)) checkAction(group.item(item), readAction(name, message));
  else readActionOfAll(name, message);
}

async function update(
  group: Group,
  name: ActionName,
  message: unknown,
  number: ItemNumber,
): Promise<JobView | GroupView> {
  if (!isOne(number)) {
    // Each job takes it as far as it may; one that a worker has takes it when that is over.
    void actOnAll(group, name, message);
    return group.view;
  }
  const item = group.item(number);
  const view = newestOnly(await takeUpdate(item, readAction(name, message)));
  // After an edit the job is found where it goes on.
  await condition(() => !item.shouldLeave && !item.isLeaving);
  return view;
}

async function actOnAll(group: Group, name: string, message: unknown): Promise<void> {
  await Promise.all(group.open.map(async (item) => takeUnanswered(item, () => readActionOfAll(name, message))));
}

async function signal(desk: Desk, name: string, message: unknown, item: unknown): Promise<void> {
  const { group, messages } = desk;
  // It was acknowledged, so it waits for a worker that can read it.
  if (needsNewer(message)) throw new NeedsNewerWorkerError(`a message to group ${group.id}`);
  messages.take(message);
  if (typeof item === 'number') return signalOne(desk, name, message, item);
  if (item === null || item === undefined) await actOnAll(group, name, message);
}

async function signalOne(desk: Desk, name: string, message: unknown, number: number): Promise<void> {
  const item = desk.group.find(number);
  if (item?.isOpen) return takeSignal(item, name, message);
  await item?.leaving;
  const args = message === undefined ? [] : [message];
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

function isOne(item: ItemNumber): item is number {
  return item !== null && item !== undefined;
}
