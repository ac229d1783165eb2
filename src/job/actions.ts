/**
 * The one table of actions: what a person may ask of a job. Messages, routes, the API's document, buttons and the CLI are made of it, so
 * a new action is a row here, its legal states in `job-states.ts`, and its effect in `fold-job.ts`.
 */

interface ActionRow {
  /** Last part of the address that it is posted to. */
  readonly slug: string;
  readonly label: string;
  /** What it does, for those who have never pressed it. */
  readonly summary: string;
  /** What it needs to know. */
  readonly input: 'nothing' | 'dueAt' | 'changes';
  /** Whether it ends the job for good: such a button is one step further away. */
  readonly ends?: true;
  /** What it does to every job of a group; absent where it is for one job only. */
  readonly ofGroup?: string;
}

export const ACTIONS = {
  runNow: {
    slug: 'run-now',
    label: 'Run now',
    summary: 'Starts the next attempt at once.',
    input: 'nothing',
    ofGroup: 'Starts every job that waits in the group at once.',
  },
  reschedule: {
    slug: 'reschedule',
    label: 'Reschedule',
    summary: 'Moves the due time, earlier or later.',
    input: 'dueAt',
    ofGroup: 'Gives every job that waits in the group the same due time.',
  },
  pause: {
    slug: 'pause',
    label: 'Pause',
    summary: 'Holds the job back until it is resumed. A running attempt goes on to its end.',
    input: 'nothing',
    ofGroup: 'Holds every job of the group back until it is resumed. Running attempts go on to their end.',
  },
  resume: {
    slug: 'resume',
    label: 'Resume',
    summary: 'Lets a paused job go on.',
    input: 'nothing',
    ofGroup: 'Lets every paused job of the group go on.',
  },
  // A dead job has left its group.
  retry: {
    slug: 'retry',
    label: 'Retry',
    summary: 'Gives a dead job all its attempts again, the first one at once.',
    input: 'nothing',
  },
  // Five hundred times the largest arguments are more than any history holds.
  edit: {
    slug: 'edit',
    label: 'Edit',
    summary: 'Changes arguments, queue, attempts, the delays between them or their time limit.',
    input: 'changes',
  },
  discard: {
    slug: 'discard',
    label: 'Discard',
    summary: 'Ends a job that is no longer wanted, before its next attempt.',
    input: 'nothing',
    ends: true,
    ofGroup: 'Ends every job of the group that is no longer wanted, before its next attempt.',
  },
  cancel: {
    slug: 'cancel',
    label: 'Cancel',
    summary: 'Ends the job now, and asks a running attempt to stop.',
    input: 'nothing',
    ends: true,
    ofGroup: 'Ends every job of the group now, and asks running attempts to stop.',
  },
} as const satisfies Readonly<Record<string, ActionRow>>;

type Table = typeof ACTIONS;

export type ActionName = keyof Table;
/** Those that a whole group takes. */
export type GroupActionName = {
  [A in ActionName]: Table[A] extends { readonly ofGroup: string } ? A : never;
}[ActionName];
/** Those that need no more than their name. */
export type SimpleAction = { [A in ActionName]: Table[A]['input'] extends 'nothing' ? A : never }[ActionName];

export const ACTION_NAMES = Object.keys(ACTIONS) as readonly ActionName[];
export const GROUP_ACTION_NAMES = ACTION_NAMES.filter(isGroupAction);

export function isAction(name: string): name is ActionName {
  return Object.hasOwn(ACTIONS, name);
}

export function isGroupAction(action: ActionName): action is GroupActionName {
  return 'ofGroup' in ACTIONS[action];
}

export function isSimple(action: ActionName): action is SimpleAction {
  return ACTIONS[action].input === 'nothing';
}

/** Those that one press makes, and that leave the job something to do. */
export function isButton(action: ActionName): action is SimpleAction {
  return isSimple(action) && !('ends' in ACTIONS[action]);
}

export function endsJob(action: ActionName): action is SimpleAction {
  return 'ends' in ACTIONS[action];
}

export function actionBySlug(slug: string): ActionName | undefined {
  return ACTION_NAMES.find((name) => ACTIONS[name].slug === slug);
}
