/** What stands in the way of jobs, most pressing first. */
import type { GivenBack } from '../../job/job.ts';
import type { Programs } from '../../config/programs.ts';
import type { GroupSnapshot, JobSnapshot } from '../../temporal/jobs.ts';
import { ACTIONS } from '../../job/actions.ts';
import { sentence } from '../sentence.ts';
import { queueArgument } from '../queue-argument.ts';

export interface Notice {
  readonly tone: 'info' | 'warning';
  readonly title: string;
  readonly text?: string;
  /** ISO 8601, each with what it is. */
  readonly moments?: readonly { readonly label: string; readonly at: string }[];
  readonly command?: string;
}

export function jobNotices(snapshot: JobSnapshot, programs: Programs): Notice[] {
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
    notices.push(noWorker(programs, 'The job is safe in Temporal and goes on as soon as one is back. To start one:'));
  else if (queueWorkers === 'none' && job.state !== 'dead')
    notices.push(
      noWorkerOf(
        programs,
        job.queue,
        'The job waits in the queue until one does; it can be moved meanwhile. To start one:',
      ),
    );
  if (job.givenBack !== null) notices.push(givenBack(job.kind, job.queue, job.givenBack));
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

export function groupNotices(
  { queue, workers, queueWorkers, cannotGoOn }: GroupSnapshot,
  programs: Programs,
): Notice[] {
  if (cannotGoOn !== null) return [stuck('This group', cannotGoOn)];
  if (workers === 'none')
    return [
      noWorker(
        programs,
        'The jobs are safe in Temporal and go on as soon as one is back; so does what you ask of them. To start one:',
      ),
    ];
  if (queueWorkers === 'none')
    return [
      noWorkerOf(
        programs,
        queue,
        'The jobs wait in the queue until one does; they can be moved meanwhile. To start one:',
      ),
    ];
  return [];
}

function stuck(what: string, why: string): Notice {
  const text =
    `Its workflow fails again and again: ${sentence(why)} Nothing is lost, and it goes on by itself ` +
    'once workers run that can go on with it, such as those of the version that began it.';
  return { tone: 'warning', title: `${what} cannot go on`, text };
}

function givenBack(kind: string, queue: string, { why, times, worker }: GivenBack): Notice {
  const often = `${worker} gave it back${times === 1 ? '' : `, the last of ${times} in a row`}.`;
  if (why === 'unknownKind')
    return {
      tone: 'warning',
      title: `No worker of the queue ${queue} knows the kind ${kind}`,
      text: `${often} The job waits, and runs once a worker of that queue has work for it: deploy one whose configuration lists ${kind}.`,
    };
  return {
    tone: 'warning',
    title: 'It needs a newer worker',
    text: `${often} A newer version of Holdfast wrote it; the job waits, and runs once such a worker serves its queue.`,
  };
}

function noWorker({ work }: Programs, text: string): Notice {
  return { tone: 'warning', title: 'No worker is running', text, command: work };
}

function noWorkerOf({ work }: Programs, queue: string, text: string): Notice {
  const command = `${work} --queue ${queueArgument(queue)}`;
  return { tone: 'warning', title: `No worker serves the queue ${queue}`, text, command };
}
