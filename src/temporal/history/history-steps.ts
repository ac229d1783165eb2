/** Reads a history's events as what they mean to a job. Everything about Temporal's wire format that a job's view needs is here. */
import { CancelledFailure, type LoadedDataConverter } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import { attemptEndFromError } from '../../job/attempt-end.ts';
import { BUDGETS } from '../../contract/budgets.ts';
import { clip } from '../../contract/clip.ts';
import { FAILURE } from '../../contract/failures.ts';
import type { AttemptEnd, Action, UntimedJobEvent } from '../../job/job-events.ts';
import type { JobInput } from '../../job/job-record.ts';
import { readAction } from '../../job/read-action.ts';
import { readSuccess } from '../../job/read-report.ts';
import { readStart } from '../../job/read-start.ts';
import { decodeError, decodeList, timeOf } from './decode.ts';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
type Payloads = temporal.api.common.v1.IPayloads | null | undefined;

/** Times are milliseconds since 1970, of Temporal's clock. */
export type HistoryStep = { readonly id: number; readonly at: number } & (
  | {
      readonly type: 'started';
      readonly kind: string;
      readonly input: JobInput;
      /** What is not usable of the start. */
      readonly problems?: readonly string[];
    }
  /** A workflow task: the moment in which the job learns of what has come in, and acts. */
  | { readonly type: 'taskStarted' }
  | { readonly type: 'taskCompleted'; readonly startedId: number }
  /** Temporal notes the first failure in a row only. */
  | { readonly type: 'taskFailed'; readonly why: string }
  /** Done by the job itself in its last task. */
  | { readonly type: 'acted'; readonly event: UntimedJobEvent }
  /** An update that the job took in its last task. */
  | { readonly type: 'actionAccepted'; readonly action: Action }
  /** The update that was taken in step `takenIn` was refused after all: a worker had the attempt. */
  | { readonly type: 'actionRefused'; readonly takenIn: number }
  /** Came in from outside; the job learns of it in its next task. */
  | { readonly type: 'signaled'; readonly action: Action }
  | { readonly type: 'cameIn'; readonly event: UntimedJobEvent }
  /** The workflow is over, whatever the job thinks of it: by its own task, or from outside. */
  | { readonly type: 'closed'; readonly event: UntimedJobEvent | undefined; readonly byItself: boolean }
  | { readonly type: 'continuedAsNew'; readonly runId: string }
);

type StepBody = HistoryStep extends infer S ? (S extends unknown ? Omit<S, 'id' | 'at'> : never) : never;

/** @returns `undefined` for an event that means nothing to a job */
export async function readStep(event: HistoryEvent, converter: LoadedDataConverter): Promise<HistoryStep | undefined> {
  const body = await readBody(event, converter);
  return body && { ...body, id: Number(event.eventId), at: timeOf(event.eventTime) };
}

async function readBody(event: HistoryEvent, converter: LoadedDataConverter): Promise<StepBody | undefined> {
  const decode = async (payloads: Payloads): Promise<unknown[]> => decodeList(converter, payloads);

  const started = event.workflowExecutionStartedEventAttributes;
  if (started) {
    const start = readStart(await decode(started.input), timeOf(event.eventTime));
    return { type: 'started', kind: started.workflowType?.name ?? 'unknown', ...start };
  }
  return (await readAttempt(event, converter, decode)) ?? (await readMessage(event, decode)) ?? readTaskOrClose(event);
}

type TaskOrClose = Extract<
  StepBody,
  { type: 'taskStarted' | 'taskCompleted' | 'taskFailed' | 'actionRefused' | 'closed' | 'continuedAsNew' }
>;

/** What says the same in every workflow of ours, a job's own or a group's. */
export function readTaskOrClose(event: HistoryEvent): TaskOrClose | undefined {
  if (event.workflowTaskStartedEventAttributes) return { type: 'taskStarted' };
  const task = event.workflowTaskCompletedEventAttributes;
  if (task) return { type: 'taskCompleted', startedId: Number(task.startedEventId) };
  const failed = event.workflowTaskFailedEventAttributes;
  if (failed) return { type: 'taskFailed', why: failed.failure?.message || 'no reason was given' };
  if (event.workflowTaskTimedOutEventAttributes)
    return { type: 'taskFailed', why: 'its workers did not answer in time' };
  const update = event.workflowExecutionUpdateCompletedEventAttributes;
  if (update?.outcome?.failure) return { type: 'actionRefused', takenIn: Number(update.acceptedEventId) };
  return readClose(event);
}

/** Every activity of a job's workflow is an attempt: what the workflow side asks for itself goes by local activities. */
async function readAttempt(
  event: HistoryEvent,
  converter: LoadedDataConverter,
  decode: (payloads: Payloads) => Promise<unknown[]>,
): Promise<StepBody | undefined> {
  if (event.activityTaskScheduledEventAttributes) return { type: 'acted', event: { type: 'attemptQueued' } };
  // Also asked for when the job is cancelled, which counts for more.
  if (event.activityTaskCancelRequestedEventAttributes) return { type: 'acted', event: { type: 'attemptWithdrawn' } };
  const completed = event.activityTaskCompletedEventAttributes;
  if (completed) {
    const [sent] = await decode(completed.result);
    const report = readSuccess(sent, timeOf(event.eventTime));
    return { type: 'cameIn', event: { type: 'attemptEnded', end: { as: 'done', report } } };
  }
  const end = await readActivityEnd(event, converter, decode);
  return end && { type: 'cameIn', event: { type: 'attemptEnded', end } };
}

/** How an activity ended that did not complete. */
export async function readActivityEnd(
  event: HistoryEvent,
  converter: LoadedDataConverter,
  decode: (payloads: Payloads) => Promise<unknown[]>,
): Promise<AttemptEnd | undefined> {
  const canceled = event.activityTaskCanceledEventAttributes;
  if (canceled) return attemptEndFromError(new CancelledFailure('cancelled', await decode(canceled.details)));
  const notDone = event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes;
  if (!notDone) return undefined;
  return attemptEndFromError(await decodeError(converter, notDone.failure));
}

async function readMessage(
  event: HistoryEvent,
  decode: (payloads: Payloads) => Promise<unknown[]>,
): Promise<StepBody | undefined> {
  const accepted = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input;
  if (accepted) {
    const action = ofOwnJob(readActionIfAny(accepted.name, await decode(accepted.args)));
    return action && { type: 'actionAccepted', action };
  }
  const signal = event.workflowExecutionSignaledEventAttributes;
  if (signal) {
    const action = ofOwnJob(readActionIfAny(signal.signalName, await decode(signal.input)));
    return action && { type: 'signaled', action };
  }
  const cancel = readCancelRequest(event);
  return cancel && { type: 'cameIn', event: cancel };
}

/** Its workflow ignores it too: Temporal has a request for that. */
function ofOwnJob(action: Action | undefined): Action | undefined {
  return action?.type === 'cancel' ? undefined : action;
}

/** Who asks stands in the request's reason, of which a workflow is not told. */
export function readCancelRequest(
  event: HistoryEvent,
): Extract<UntimedJobEvent, { type: 'cancelRequested' }> | undefined {
  const request = event.workflowExecutionCancelRequestedEventAttributes;
  if (!request) return undefined;
  // Its group, which the job had left, passes on what somebody asked: Temporal words the reason then.
  const by = request.externalWorkflowExecution ? undefined : request.cause;
  return { type: 'cancelRequested', ...(by && { by: clip(by, BUDGETS.actor) }) };
}

/** What is no action, the job ignores as well. */
export function readActionIfAny(name: string | null | undefined, [message]: unknown[]): Action | undefined {
  try {
    return readAction(name ?? '', message);
  } catch {
    return undefined;
  }
}

/** How the workflow closed; the event only matters where the job did not end by its own doing. */
function readClose(event: HistoryEvent): TaskOrClose | undefined {
  const continued = event.workflowExecutionContinuedAsNewEventAttributes;
  if (continued) return { type: 'continuedAsNew', runId: continued.newExecutionRunId ?? '' };
  if (event.workflowExecutionCompletedEventAttributes) return { type: 'closed', event: undefined, byItself: true };
  const terminated = event.workflowExecutionTerminatedEventAttributes;
  if (terminated)
    return closed('cancelled', FAILURE.terminated, terminated.reason || 'terminated without a reason', false);
  if (event.workflowExecutionCanceledEventAttributes) return closed('cancelled', 'Cancelled', 'the job was cancelled');
  const failure = event.workflowExecutionFailedEventAttributes?.failure;
  if (failure) return closed('dead', failure.applicationFailureInfo?.type || 'Error', failure.message ?? '');
  if (event.workflowExecutionTimedOutEventAttributes) return closed('dead', 'Timeout', 'the workflow timed out', false);
  return undefined;
}

function closed(as: 'cancelled' | 'dead', type: string, message: string, byItself = true): TaskOrClose {
  return { type: 'closed', event: { type: 'closed', as, error: { type, message } }, byItself };
}
