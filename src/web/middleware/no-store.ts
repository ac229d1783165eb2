import type { MiddlewareHandler } from 'hono';

/** A job moves on; a browser or a proxy that kept its page would show the past. Answers that say otherwise keep their word. */
export function noStore(): MiddlewareHandler {
  return async function forbidStoring(c, next) {
    await next();
    if (!c.res.headers.has('Cache-Control')) c.res.headers.set('Cache-Control', 'no-store');
  };
}
