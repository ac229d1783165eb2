/** gRPC's status codes, all of them, and what each means to a caller of ours. */

/** `notFound` and `alreadyThere` mean more to the caller: a job that is gone, a key that is taken. */
export type Answer =
  'unreachable' | 'notFound' | 'alreadyThere' | 'busy' | 'forbidden' | 'unusable' | 'conflict' | 'broken';

interface GrpcStatus {
  readonly name: string;
  readonly means: Answer;
}

const STATUSES: Readonly<Record<number, GrpcStatus>> = {
  // An error that says all is well.
  0: { name: 'OK', means: 'broken' },
  1: { name: 'CANCELLED', means: 'unreachable' },
  2: { name: 'UNKNOWN', means: 'broken' },
  3: { name: 'INVALID_ARGUMENT', means: 'unusable' },
  4: { name: 'DEADLINE_EXCEEDED', means: 'unreachable' },
  5: { name: 'NOT_FOUND', means: 'notFound' },
  6: { name: 'ALREADY_EXISTS', means: 'alreadyThere' },
  7: { name: 'PERMISSION_DENIED', means: 'forbidden' },
  8: { name: 'RESOURCE_EXHAUSTED', means: 'busy' },
  9: { name: 'FAILED_PRECONDITION', means: 'conflict' },
  // Two calls changed the same thing; one of them may be repeated.
  10: { name: 'ABORTED', means: 'busy' },
  11: { name: 'OUT_OF_RANGE', means: 'unusable' },
  // An older server, or a feature that is off there.
  12: { name: 'UNIMPLEMENTED', means: 'forbidden' },
  13: { name: 'INTERNAL', means: 'broken' },
  14: { name: 'UNAVAILABLE', means: 'unreachable' },
  15: { name: 'DATA_LOSS', means: 'broken' },
  16: { name: 'UNAUTHENTICATED', means: 'forbidden' },
};

export const UNIMPLEMENTED = 12;

export function grpcStatus(code: number): GrpcStatus {
  return STATUSES[code] ?? { name: `status ${code}`, means: 'broken' };
}
