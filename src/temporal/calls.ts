/** How every call to Temporal is made: with a deadline, and with its errors turned into ours. */
import { isGrpcServiceError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { JobNotFoundError, TemporalUnreachableError } from './errors.ts';

/** Below the 3 s within which callers are answered, whatever happens. @format milliseconds */
const CALL_TIMEOUT_MS = 2_500;

/** gRPC's status codes, as far as they matter here. */
const GRPC = {
  cancelled: 1,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
} as const;

const UNREACHABLE: ReadonlySet<number> = new Set([GRPC.cancelled, GRPC.deadlineExceeded, GRPC.unavailable]);

const REFUSED: ReadonlySet<number> = new Set([GRPC.permissionDenied, GRPC.unimplemented, GRPC.unauthenticated]);

/** @throws {TemporalUnreachableError} @throws {JobNotFoundError} when `jobId` is given and unknown */
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
    if (isUnreachable(error)) throw new TemporalUnreachableError(error);
    if (jobId !== undefined && isNotFound(error)) throw new JobNotFoundError(jobId);
    throw error;
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

export function isUnreachable(error: unknown): boolean {
  return UNREACHABLE.has(grpcCode(error) ?? -1);
}

export function isNotFound(error: unknown): boolean {
  return error instanceof WorkflowNotFoundError || grpcCode(error) === GRPC.notFound;
}

/** An older server, or a feature that is off there. */
export function isUnimplemented(error: unknown): boolean {
  return grpcCode(error) === GRPC.unimplemented;
}

export function isAlreadyThere(error: unknown): boolean {
  return grpcCode(error) === GRPC.alreadyExists;
}

/** This client may not, however often it asks. */
export function isRefused(error: unknown): boolean {
  return REFUSED.has(grpcCode(error) ?? -1);
}

/** The client wraps some gRPC errors and throws others as they are. */
function grpcCode(error: unknown): number | undefined {
  if (isGrpcServiceError(error)) return error.code;
  return error instanceof Error && error.cause !== undefined ? grpcCode(error.cause) : undefined;
}
