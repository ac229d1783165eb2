/** How actions are called in addresses and on buttons. */
import { ACTION_NAMES, type ActionName } from '../job/job-states.ts';
import type { GroupActionName } from '../temporal/jobs.ts';

interface ActionWords {
  /** Last part of the address that the action is posted to. */
  readonly slug: string;
  readonly label: string;
  /** What it does, for those who have never pressed it. */
  readonly summary: string;
}

export const ACTIONS: Readonly<Record<ActionName, ActionWords>> = {
  runNow: { slug: 'run-now', label: 'Run now', summary: 'Starts the next attempt at once.' },
  reschedule: { slug: 'reschedule', label: 'Reschedule', summary: 'Actions the due time, earlier or later.' },
  pause: {
    slug: 'pause',
    label: 'Pause',
    summary: 'Holds the job back until it is resumed. A running attempt goes on to its end.',
  },
  resume: { slug: 'resume', label: 'Resume', summary: 'Lets a paused job go on.' },
  retry: { slug: 'retry', label: 'Retry', summary: 'Gives a dead job all its attempts again, the first one at once.' },
  edit: { slug: 'edit', label: 'Edit', summary: 'Changes arguments, queue, attempts or the delays between them.' },
  discard: {
    slug: 'discard',
    label: 'Discard',
    summary: 'Ends a job that is no longer wanted, before its next attempt.',
  },
  cancel: { slug: 'cancel', label: 'Cancel', summary: 'Ends the job now, and asks a running attempt to stop.' },
};

export function actionBySlug(slug: string): ActionName | undefined {
  return ACTION_NAMES.find((name) => ACTIONS[name].slug === slug);
}

/** What each does to a whole group. */
export const GROUP_ACTIONS: Readonly<Record<GroupActionName, string>> = {
  runNow: 'Starts every job that waits in the group at once.',
  reschedule: 'Gives every job that waits in the group the same due time.',
  pause: 'Holds every job of the group back until it is resumed. Running attempts go on to their end.',
  resume: 'Lets every paused job of the group go on.',
  discard: 'Ends every job of the group that is no longer wanted, before its next attempt.',
  cancel: 'Ends every job of the group now, and asks running attempts to stop.',
};

export function isGroupAction(action: ActionName): action is GroupActionName {
  return Object.hasOwn(GROUP_ACTIONS, action);
}
