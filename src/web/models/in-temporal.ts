/** The same jobs by Temporal's own means: its Web UI and its CLI. */
import type { Config } from '../../config/config.ts';
import type { ActionName } from '../../job/actions.ts';
import type { JobSnapshot } from '../../temporal/jobs.ts';
import { shellQuote } from '../shell-quote.ts';

/** Where the Temporal Web UI is, whose workflows it shows, and how the CLI is called. */
export interface Surroundings extends Pick<Config, 'programs'> {
  readonly temporal: Pick<Config['temporal'], 'uiUrl' | 'namespace'>;
}

export interface Command {
  readonly label: string;
  readonly command: string;
}

export function jobUrl({ workflowId, runId }: JobSnapshot, surroundings: Surroundings): string {
  return workflowUrl(surroundings, workflowId, runId);
}

export function groupUrl(id: string, surroundings: Surroundings): string {
  return workflowUrl(surroundings, id);
}

export function jobCommands({ workflowId, item: number, actions }: JobSnapshot, { programs }: Surroundings): Command[] {
  const temporalCli = (rest: string): string => `${programs.temporal} workflow ${rest}`;
  const workflow = workflowOption(workflowId);
  // A group wants to know which of its jobs is meant.
  const item = number === undefined ? '' : ` --input ${number}`;
  const cancel = item ? `signal ${workflow} --name cancel --input '{}'${item}` : `cancel ${workflow}`;
  return [
    { label: 'See the job', command: temporalCli(`query ${workflow} --type job${item}`) },
    { label: 'See its history', command: temporalCli(`show ${workflow}`) },
    ...(actions.includes('reschedule')
      ? [{ label: 'Reschedule it', command: temporalCli(reschedule(workflow, item)) }]
      : []),
    ...(actions.includes('cancel') ? [{ label: 'Cancel it', command: temporalCli(cancel) }] : []),
  ];
}

export function groupCommands(id: string, actions: readonly ActionName[], { programs }: Surroundings): Command[] {
  const temporalCli = (rest: string): string => `${programs.temporal} workflow ${rest}`;
  const workflow = workflowOption(id);
  return [
    { label: 'See the group', command: temporalCli(`query ${workflow} --type group`) },
    { label: 'See its history', command: temporalCli(`show ${workflow}`) },
    ...(actions.includes('reschedule')
      ? [{ label: 'Reschedule it', command: temporalCli(reschedule(workflow, '')) }]
      : []),
    ...(actions.includes('cancel') ? [{ label: 'Cancel it', command: temporalCli(`cancel ${workflow}`) }] : []),
  ];
}

function reschedule(workflow: string, item: string): string {
  return `update execute ${workflow} --name reschedule --input '{"dueAt":"2030-01-01T00:00:00Z"}'${item}`;
}

function workflowOption(id: string): string {
  return `--workflow-id ${shellQuote(id)}`;
}

/** Without a run, the Web UI shows the newest one. */
function workflowUrl({ temporal: { uiUrl, namespace } }: Surroundings, ...workflow: readonly string[]): string {
  const path = ['namespaces', namespace, 'workflows', ...workflow].map((part) => encodeURIComponent(part));
  return `${uiUrl.replace(/\/$/, '')}/${path.join('/')}`;
}
