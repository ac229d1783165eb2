/** What can go wrong with a request, as problem details (RFC 9457). The API documents this table and answers from it. */
import { HTTPException } from 'hono/http-exception';
import type { JobState } from '../job/job-states.ts';
import { LIMITS } from '../contract/limits.ts';
import { sentence } from './sentence.ts';
import { InvalidJobError } from '../kinds/invalid-job-error.ts';
import {
  IllegalActionError,
  InvalidActionError,
  JobNotFoundError,
  JobTooLargeError,
  KeyReusedError,
  TemporalRefusalError,
  TemporalUnreachableError,
  TooManyActionsError,
  type TemporalRefusal,
} from '../temporal/errors.ts';

interface ProblemKind {
  readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 421 | 422 | 429 | 500 | 502 | 503;
  readonly title: string;
  readonly whatToDo: string;
}

const MIB = 1024 * 1024;

/** Each name is part of a problem's `type`, which callers compare: add, never rename. */
export const PROBLEMS = {
  'malformed-body': {
    status: 400,
    title: 'The body is not JSON',
    whatToDo: 'Send well-formed JSON in UTF-8.',
  },
  'malformed-address': {
    status: 400,
    title: 'The address is not UTF-8',
    whatToDo: 'Escape the UTF-8 bytes of each character, as in %C3%A9 for é.',
  },
  'several-hosts': {
    status: 400,
    title: 'The request names several hosts',
    whatToDo: 'Send one Host header.',
  },
  'login-required': {
    status: 401,
    title: 'A login is required',
    whatToDo: 'Send the user holdfast and the password of HOLDFAST_PASSWORD by HTTP basic authentication.',
  },
  'cross-site-request': {
    status: 403,
    title: 'A page of another site may not do this',
    whatToDo: 'Change jobs from Holdfast’s own pages, or from a program that is no browser.',
  },
  'not-found': {
    status: 404,
    title: 'There is nothing here',
    whatToDo: 'Check the address.',
  },
  'job-not-found': {
    status: 404,
    title: 'No such job',
    whatToDo: 'Check the id. A job that ended longer ago than Temporal keeps it is gone.',
  },
  'group-not-found': {
    status: 404,
    title: 'No such group',
    whatToDo: 'Check the id. A group that ended longer ago than Temporal keeps it is gone.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'The method does not fit the address',
    whatToDo: 'Use one of the methods in the Allow header.',
  },
  'illegal-action': {
    status: 409,
    title: 'The job’s state does not allow this action',
    whatToDo: 'Look at the state, which the answer names, and ask for another action.',
  },
  'too-many-actions': {
    status: 409,
    title: 'The job has taken as many actions as it can for now',
    whatToDo: 'Try again when its attempt is over, or when a worker is back.',
  },
  'temporal-conflict': {
    status: 409,
    title: 'Temporal cannot do this just now',
    whatToDo: 'Look at the workflow in Temporal, and try again when its state allows it.',
  },
  'body-too-large': {
    status: 413,
    title: 'The body is too large',
    whatToDo: `Send at most ${LIMITS.requestBytes / MIB} MiB, or ${LIMITS.bulkBytes / MIB} MiB of many jobs.`,
  },
  'job-too-large': {
    status: 413,
    title: 'The job is too large',
    whatToDo: 'Save its data elsewhere, and give the job the address.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The body has the wrong type',
    whatToDo:
      'Send JSON in UTF-8 as application/json, or many jobs, a line each, as application/x-ndjson, without Content-Encoding.',
  },
  'unknown-host': {
    status: 421,
    title: 'This server does not go by that name',
    whatToDo: 'Use localhost, or start the server with the name in HOLDFAST_ALLOWED_HOSTS.',
  },
  'invalid-request': {
    status: 422,
    title: 'The request is not usable',
    whatToDo: 'Mend the fields that errors lists.',
  },
  'key-reused': {
    status: 422,
    title: 'The key belongs to another job',
    whatToDo: 'Use a new key for a job with another kind or other arguments.',
  },
  'too-many-refusals': {
    status: 422,
    title: 'Too many lines of the request are refused',
    whatToDo:
      'Mend what the lines before are refused for, and send the rest again, from the line that the answer names.',
  },
  'temporal-unusable': {
    status: 422,
    title: 'Temporal cannot use the request',
    whatToDo: 'Mend what the answer names, such as an id or a body that is too long for Temporal.',
  },
  'too-many-logins': {
    status: 429,
    title: 'Too many wrong logins',
    whatToDo: 'Try again after the time in Retry-After, with the right password.',
  },
  internal: {
    status: 500,
    title: 'Something went wrong in here',
    whatToDo: 'Try again. The server’s log has the details under the request id of the answer.',
  },
  'temporal-forbids': {
    status: 502,
    title: 'Temporal does not let this server do that',
    whatToDo:
      'Check TEMPORAL_NAMESPACE and TEMPORAL_API_KEY or the certificates of the server, and the version of Temporal.',
  },
  'temporal-failed': {
    status: 502,
    title: 'Temporal failed',
    whatToDo: 'Try again, with the same key if the request starts a job. If it stays so, look into Temporal’s own log.',
  },
  'temporal-busy': {
    status: 503,
    title: 'Temporal takes no more just now',
    whatToDo: 'Try again after the time in Retry-After, with the same key if the request starts a job.',
  },
  'too-many-bulk-requests': {
    status: 503,
    title: 'Too many bulk requests are under way',
    whatToDo: 'Try again after the time in Retry-After, with fewer at once.',
  },
  'too-many-streams': {
    status: 503,
    title: 'Too many live pages are open',
    whatToDo: 'Close some, or try again later. Everything else works.',
  },
  'temporal-unreachable': {
    status: 503,
    title: 'Temporal does not answer',
    whatToDo: 'Try again after the time in Retry-After, with the same key if the request starts a job.',
  },
} as const satisfies Readonly<Record<string, ProblemKind>>;

export type ProblemName = keyof typeof PROBLEMS;

export interface FieldError {
  /** Path of the field: `args.name`, `retryDelaysMs.0`; empty for the whole body. */
  readonly field: string;
  readonly detail: string;
}

interface ProblemDetails {
  readonly errors?: readonly FieldError[];
  readonly state?: JobState;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** Thrown by routes and middleware; answered as problem details by the API and as a page elsewhere. The message is shown to the caller. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly kind: ProblemName;
  readonly errors: readonly FieldError[] | undefined;
  readonly state: JobState | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(kind: ProblemName, detail: string, details: ProblemDetails = {}) {
    super(detail, { cause: details.cause });
    this.kind = kind;
    this.errors = details.errors;
    this.state = details.state;
    this.headers = details.headers ?? {};
  }

  get status(): ProblemKind['status'] {
    return PROBLEMS[this.kind].status;
  }

  /** Somebody has to look into it: a fault of ours, or one of the Temporal behind this server. */
  get isFault(): boolean {
    return this.status === 500 || this.status === 502;
  }

  get title(): string {
    return PROBLEMS[this.kind].title;
  }
}

/** Thrown by {@link startWebServer} when it cannot listen. The message says what to do. */
export class CannotListenError extends Error {
  override readonly name = 'CannotListenError';
}

const RETRY_AFTER = { 'Retry-After': '2' };

const REFUSALS: Readonly<Record<TemporalRefusal, ProblemName>> = {
  busy: 'temporal-busy',
  forbidden: 'temporal-forbids',
  unusable: 'temporal-unusable',
  conflict: 'temporal-conflict',
  broken: 'temporal-failed',
};

/** Every error as a problem. What nobody foresaw becomes `internal`, whose message says nothing of the inside. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof JobNotFoundError) return new Problem('job-not-found', sentence(error.message), { cause: error });
  if (error instanceof IllegalActionError)
    return new Problem('illegal-action', sentence(error.message), { state: error.state, cause: error });
  if (error instanceof TooManyActionsError)
    return new Problem('too-many-actions', sentence(error.message), { cause: error });
  if (error instanceof InvalidActionError || error instanceof InvalidJobError)
    return new Problem('invalid-request', sentence(error.message), { cause: error });
  if (error instanceof JobTooLargeError) return new Problem('job-too-large', sentence(error.message), { cause: error });
  if (error instanceof KeyReusedError) return new Problem('key-reused', sentence(error.message), { cause: error });
  if (error instanceof TemporalUnreachableError)
    return new Problem(
      'temporal-unreachable',
      'Temporal does not answer, so it is not known whether anything was done.',
      { headers: RETRY_AFTER, cause: error },
    );
  if (error instanceof TemporalRefusalError) return fromTemporal(error);
  if (error instanceof HTTPException) return fromHono(error);
  return new Problem('internal', PROBLEMS.internal.whatToDo, { cause: error });
}

/** What Temporal says of its own settings and faults is for the log, what it says of the request for the caller. */
function fromTemporal(error: TemporalRefusalError): Problem {
  const kind = REFUSALS[error.refusal];
  const isOfTheRequest = kind === 'temporal-unusable' || kind === 'temporal-conflict';
  return new Problem(kind, isOfTheRequest ? sentence(error.message) : PROBLEMS[kind].whatToDo, {
    ...(kind === 'temporal-busy' && { headers: RETRY_AFTER }),
    cause: error,
  });
}

/** Hono's own refusals: of bodies and of logins. */
function fromHono(error: HTTPException): Problem {
  switch (error.status) {
    case 400:
      return new Problem('malformed-body', 'The body could not be read as its content type says.', { cause: error });
    case 401:
      return new Problem('login-required', PROBLEMS['login-required'].whatToDo, {
        headers: { 'WWW-Authenticate': error.res?.headers.get('WWW-Authenticate') ?? 'Basic' },
        cause: error,
      });
    case 415:
      return new Problem('unsupported-media-type', PROBLEMS['unsupported-media-type'].whatToDo, { cause: error });
    default:
      return new Problem('internal', PROBLEMS.internal.whatToDo, { cause: error });
  }
}
