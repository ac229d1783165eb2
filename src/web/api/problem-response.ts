import type { Context } from 'hono';
import type { Problem } from '../errors.ts';
import { problemType } from './schemas.ts';

/** A problem as the API answers it (RFC 9457). */
export function problemResponse(c: Context, problem: Problem): Response {
  const { kind, title, status, message, errors, state, headers } = problem;
  const body = {
    type: problemType(kind),
    title,
    status,
    detail: message,
    instance: new URL(c.req.url).pathname,
    requestId: c.get('requestId'),
    errors,
    state,
  };
  return c.body(JSON.stringify(body), status, { ...headers, 'Content-Type': 'application/problem+json' });
}
