/**
 * Actions a job. With a worker, an action is an update: checked by the job itself and answered with its new view. With none, the same
 * action goes as a signal, which Temporal keeps until a worker is back.
 */
import { FAILURE } from '../../contract/failures.ts';
import type { JobView } from '../../job/job.ts';
import type { JobState } from '../../job/job-states.ts';
import { call, isNotFound } from '../rpc.ts';
import { IllegalActionError, InvalidActionError, JobNotFoundError, TooManyActionsError } from '../errors.ts';
import type { ActionRequest, JobSnapshot, ActionAnswer } from '../jobs.ts';
import { readJob } from '../history/find-job.ts';
import type { SignalledActions } from './signalled-actions.ts';
import type { ReadDependencies } from '../history/read-job.ts';
import { ANSWER_WITHIN_MS, isSilence, refusalIn } from './updates.ts';

/** A running attempt learns of its cancellation with its next heartbeat. @format milliseconds */
const CANCELLED_WITHIN_MS = 2_000;
/** It leaves its group, and it ends: nothing else takes a job from where it was found. */
const FOLLOWED_TIMES = 3;

export interface ActionDependencies extends ReadDependencies {
  readonly deferred: SignalledActions;
}

type Message = Exclude<ActionRequest, { type: 'cancel' }>;

/** @throws {JobNotFoundError} @throws {IllegalActionError} @throws {InvalidActionError} @throws {TooManyActionsError} */
export async function actOnJob(deps: ActionDependencies, jobId: string, action: ActionRequest): Promise<ActionAnswer> {
  for (let times = 1; ; times += 1) {
    const found = await readJob(deps, jobId);
    if (!found.actions.includes(action.type)) throw new IllegalActionError(jobId, action.type, found.job.state);
    try {
      return action.type === 'cancel' ? await cancel(deps, found) : await ask(deps, found, action);
    } catch (error) {
      // It has left its group or has ended meanwhile, so it is to be found elsewhere, or may no longer be moved.
      if (times < FOLLOWED_TIMES && hasMovedOn(error)) continue;
      throw refusal(jobId, action, error);
    }
  }
}

async function ask(deps: ActionDependencies, found: JobSnapshot, action: Message): Promise<ActionAnswer> {
  const { job, workflowId } = found;
  const answer = found.workers === 'none' ? undefined : await update(deps, found, action);
  if (answer) return { job: withEarlierAttempts(answer, job), applied: 'now' };
  await deps.deferred.send({ jobId: job.id, workflowId, name: action.type, args: argumentsOf(found, action) });
  return { job: (await readJob(deps, job.id)).job, applied: 'whenAWorkerIsBack' };
}

/** @returns the job's new view, or `undefined` when no worker answered in time */
async function update(
  { client }: ActionDependencies,
  found: JobSnapshot,
  action: Message,
): Promise<JobView | undefined> {
  const handle = client.workflow.getHandle(found.workflowId);
  try {
    // The typings tell no arguments from some; each update answers with the view of the one job that it was for.
    const args = argumentsOf(found, action) as [unknown, ...unknown[]];
    const execute = async (): Promise<JobView> => handle.executeUpdate(action.type, { args });
    return await call(client, execute, { timeoutMs: ANSWER_WITHIN_MS });
  } catch (error) {
    if (isSilence(error)) return undefined;
    throw error;
  }
}

/** Answers stand in the history, so they tell of the newest attempt only. */
function withEarlierAttempts(answer: JobView, before: JobView): JobView {
  const [newest] = answer.attempts;
  const earlier = before.attempts.filter(({ number }) => newest !== undefined && number < newest.number);
  return { ...answer, attempts: [...earlier, ...answer.attempts] };
}

/** A group wants to know which of its jobs is meant. */
function argumentsOf({ item }: Pick<JobSnapshot, 'item'>, action: Message): unknown[] {
  const of = item === undefined ? [] : [item];
  if (action.type === 'reschedule') return [...of, action.dueAt];
  return action.type === 'edit' ? [...of, action.changes] : of;
}

/** Temporal keeps the request itself, so nothing is lost without a worker. */
async function cancel(
  deps: ActionDependencies,
  { job: { id }, workflowId, item, workers }: JobSnapshot,
): Promise<ActionAnswer> {
  const { client } = deps;
  const handle = client.workflow.getHandle(workflowId);
  if (item === undefined) await call(client, () => handle.cancel(), { jobId: id });
  else if (workers === 'none') await deps.deferred.send({ jobId: id, workflowId, name: 'cancel', args: [item] });
  else await call(client, () => handle.signal('cancel', item), { jobId: id });
  const deadline = Date.now() + (workers === 'none' ? 0 : CANCELLED_WITHIN_MS);
  for (;;) {
    const { job } = await readJob(deps, id);
    if (job.endedAt !== null) return { job, applied: 'now' };
    if (Date.now() >= deadline) return { job, applied: 'whenAWorkerIsBack' };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function hasMovedOn(error: unknown): boolean {
  const type = refusalIn(error)?.type;
  return (
    type === FAILURE.leftGroup || type === FAILURE.notInGroup || error instanceof JobNotFoundError || isNotFound(error)
  );
}

function refusal(jobId: string, action: ActionRequest, error: unknown): unknown {
  const cause = refusalIn(error);
  switch (cause?.type) {
    case FAILURE.actionIllegal:
      return new IllegalActionError(jobId, action.type, (cause.details?.[0] ?? 'unknown') as JobState);
    case FAILURE.actionInvalid:
      return new InvalidActionError(cause.message);
    case FAILURE.busy:
      return new TooManyActionsError(cause.message);
    default:
      return isNotFound(error) ? new JobNotFoundError(jobId) : error;
  }
}
