/** What stands in the way of jobs, most pressing first. */
import type { GroupSnapshot, JobSnapshot } from '../../temporal/jobs.ts';
import { ACTIONS } from '../action-words.ts';
import { sentence } from '../sentence.ts';
import { queueArgument } from '../queue-argument.ts';
import { COMMANDS } from '../../config/commands.ts';

export interface Notice {
  readonly tone: 'info' | 'warning';
  readonly title: string;
  readonly text?: string;
  /** ISO 8601, each with what it is. */
  readonly moments?: readonly { readonly label: string; readonly at: string }[];
  readonly command?: string;
}

export function jobNotices(snapshot: JobSnapshot): Notice[] {
  const { job, workers, queueWorkers, pendingActions, cannotGoOn, stale } = snapshot;
  const notices: Notice[] = [];
  if (stale)
    notices.push({
      tone: 'warning',
      title: 'Temporal does not answer',
      text: 'This is how the job was when it last did. What Temporal has accepted is on its disk.',
    });
  if (cannotGoOn !== null) notices.push(stuck('This job', cannotGoOn));
  if (workers === 'none')
    notices.push(noWorker('The job is safe in Temporal and goes on as soon as one is back. To start one:'));
  else if (queueWorkers === 'none' && job.state !== 'dead')
    notices.push(
      noWorkerOf(job.queue, 'The job waits in the queue until one does; it can be moved meanwhile. To start one:'),
    );
  if (job.suspect)
    notices.push({
      tone: 'info',
      title: 'It runs alone for now',
      text: 'Processes died while this job ran in them, with others or without. Its next attempts each have a process of their own, until one ends there.',
    });
  for (const { action, askedAt, dueAt } of pendingActions)
    notices.push({
      tone: 'info',
      title: `${ACTIONS[action].label} takes effect when a worker is back`,
      moments: [
        { label: 'Asked for at', at: askedAt },
        ...(dueAt === undefined ? [] : [{ label: 'to be due at', at: dueAt }]),
      ],
    });
  return notices;
}

export function groupNotices({ queue, workers, queueWorkers, cannotGoOn }: GroupSnapshot): Notice[] {
  if (cannotGoOn !== null) return [stuck('This group', cannotGoOn)];
  if (workers === 'none')
    return [
      noWorker(
        'The jobs are safe in Temporal and go on as soon as one is back; so does what you ask of them. To start one:',
      ),
    ];
  if (queueWorkers === 'none')
    return [noWorkerOf(queue, 'The jobs wait in the queue until one does; they can be moved meanwhile. To start one:')];
  return [];
}

function stuck(what: string, why: string): Notice {
  const text =
    `Its workflow fails again and again: ${sentence(why)} Nothing is lost, and it goes on by itself ` +
    'once workers run that can go on with it, such as those of the version that began it.';
  return { tone: 'warning', title: `${what} cannot go on`, text };
}

function noWorker(text: string): Notice {
  return { tone: 'warning', title: 'No worker is running', text, command: COMMANDS.work };
}

function noWorkerOf(queue: string, text: string): Notice {
  const command = `${COMMANDS.work} --queue ${queueArgument(queue)}`;
  return { tone: 'warning', title: `No worker serves the queue ${queue}`, text, command };
}
