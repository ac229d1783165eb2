/** How every call to Temporal is made: with a deadline, and with its errors turned into ours. */
import { isGrpcServiceError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import { JobNotFoundError, TemporalRefusalError, TemporalUnreachableError } from './errors.ts';
import { grpcStatus, UNIMPLEMENTED, type Answer } from './grpc-statuses.ts';

/** Below the 3 s within which callers are answered, whatever happens. @format milliseconds */
const CALL_TIMEOUT_MS = 2_500;

/** @throws {TemporalUnreachableError} @throws {TemporalRefusalError} @throws {JobNotFoundError} when `jobId` is given and unknown */
export async function call<T>(
  client: Client,
  rpc: () => Promise<T>,
  { jobId, timeoutMs = CALL_TIMEOUT_MS }: { readonly jobId?: string; readonly timeoutMs?: number } = {},
): Promise<T> {
  const outOfTime = Promise.withResolvers<never>();
  // The client waits between its tries at a server that is away, and looks at the deadline only after that.
  const timer = setTimeout(
    () => outOfTime.reject(new TemporalUnreachableError(`silent for ${timeoutMs} ms`)),
    timeoutMs,
  );
  try {
    return await Promise.race([client.withDeadline(Date.now() + timeoutMs, rpc), outOfTime.promise]);
  } catch (error) {
    throw asOurs(error, jobId);
  } finally {
    clearTimeout(timer);
  }
}

/** What is read, or `undefined` when there is no such job. */
export async function orNone<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof JobNotFoundError) return undefined;
    throw error;
  }
}

/** The error that callers are told of; its cause is the one that came. */
function asOurs(error: unknown, jobId: string | undefined): unknown {
  if (error instanceof NamespaceNotFoundError) return new TemporalRefusalError('forbidden', error.message, error);
  if (jobId !== undefined && isNotFound(error)) return new JobNotFoundError(jobId);
  const code = grpcCode(error);
  if (code === undefined) return error;
  const { name, means } = grpcStatus(code);
  if (means === 'unreachable') return new TemporalUnreachableError(error);
  const refusal = means === 'notFound' || means === 'alreadyThere' ? 'conflict' : means;
  return new TemporalRefusalError(refusal, `${name}: ${detailsOf(error)}`, error);
}

export function isNotFound(error: unknown): boolean {
  return error instanceof WorkflowNotFoundError || meaning(error) === 'notFound';
}

/** An older server, or a feature that is off there. */
export function isUnimplemented(error: unknown): boolean {
  return grpcCode(error) === UNIMPLEMENTED;
}

export function isAlreadyThere(error: unknown): boolean {
  return meaning(error) === 'alreadyThere';
}

/** This client may not, however often it asks. */
export function isRefused(error: unknown): boolean {
  return meaning(error) === 'forbidden';
}

function meaning(error: unknown): Answer | undefined {
  const code = grpcCode(error);
  return code === undefined ? undefined : grpcStatus(code).means;
}

/** The client wraps some gRPC errors and throws others as they are. */
function grpcCode(error: unknown): number | undefined {
  return grpcErrorIn(error)?.code;
}

/** What the server said itself, without the client's words round it. */
function detailsOf(error: unknown): string {
  return grpcErrorIn(error)?.details || 'no reason was given';
}

function grpcErrorIn(error: unknown): { readonly code: number; readonly details: string } | undefined {
  if (isGrpcServiceError(error)) return error;
  return error instanceof Error && error.cause !== undefined ? grpcErrorIn(error.cause) : undefined;
}
