/** The same jobs by Temporal's own means: its Web UI and its CLI. */
import type { Config } from '../../config/config.ts';
import type { ActionName } from '../../job/job-states.ts';
import type { JobSnapshot } from '../../temporal/jobs.ts';
import { shellQuote } from '../shell-quote.ts';
import { COMMANDS } from '../../config/commands.ts';

/** Where the Temporal Web UI is, and whose workflows it shows. */
export type TemporalUi = Pick<Config['temporal'], 'uiUrl' | 'namespace'>;

export interface Command {
  readonly label: string;
  readonly command: string;
}

export function jobUrl({ workflowId, runId }: JobSnapshot, temporal: TemporalUi): string {
  return workflowUrl(temporal, workflowId, runId);
}

export function groupUrl(id: string, temporal: TemporalUi): string {
  return workflowUrl(temporal, id);
}

export function jobCommands({ workflowId, item: number, actions }: JobSnapshot): Command[] {
  const workflow = workflowOption(workflowId);
  // A group wants to know which of its jobs is meant.
  const item = number === undefined ? '' : ` --input ${number}`;
  const cancel = item ? `signal ${workflow} --name cancel${item}` : `cancel ${workflow}`;
  return [
    { label: 'See the job', command: temporalCli(`query ${workflow} --type job${item}`) },
    { label: 'See its history', command: temporalCli(`show ${workflow}`) },
    ...(actions.includes('reschedule') ? [{ label: 'Reschedule it', command: reschedule(workflow, item) }] : []),
    ...(actions.includes('cancel') ? [{ label: 'Cancel it', command: temporalCli(cancel) }] : []),
  ];
}

export function groupCommands(id: string, actions: readonly ActionName[]): Command[] {
  const workflow = workflowOption(id);
  return [
    { label: 'See the group', command: temporalCli(`query ${workflow} --type group`) },
    { label: 'See its history', command: temporalCli(`show ${workflow}`) },
    // `null` stands for all of its jobs.
    ...(actions.includes('reschedule')
      ? [{ label: 'Reschedule it', command: reschedule(workflow, ' --input null') }]
      : []),
    ...(actions.includes('cancel') ? [{ label: 'Cancel it', command: temporalCli(`cancel ${workflow}`) }] : []),
  ];
}

function reschedule(workflow: string, item: string): string {
  return temporalCli(`update execute ${workflow} --name reschedule${item} --input '"2030-01-01T00:00:00Z"'`);
}

function temporalCli(rest: string): string {
  return `${COMMANDS.temporal} workflow ${rest}`;
}

function workflowOption(id: string): string {
  return `--workflow-id ${shellQuote(id)}`;
}

/** Without a run, the Web UI shows the newest one. */
function workflowUrl({ uiUrl, namespace }: TemporalUi, ...workflow: readonly string[]): string {
  const path = ['namespaces', namespace, 'workflows', ...workflow].map((part) => encodeURIComponent(part));
  return `${uiUrl.replace(/\/$/, '')}/${path.join('/')}`;
}
