import type { Context } from 'hono';
import type { Problem } from '../errors.ts';
import { problemType } from './schemas.ts';

/** A problem as the API answers it (RFC 9457). */
export function problemResponse(c: Context, problem: Problem): Response {
  const { headers, status } = problem;
  const { errors, state, ...body } = problemBody(problem);
  const instance = new URL(c.req.url).pathname;
  const answer = { ...body, instance, requestId: c.get('requestId'), errors, state };
  return c.body(JSON.stringify(answer), status, { ...headers, 'Content-Type': 'application/problem+json' });
}

/** What a problem says, wherever it came up. */
export function problemBody({ kind, title, status, message, errors, state }: Problem) {
  return { type: problemType(kind), title, status, detail: message, errors, state };
}
