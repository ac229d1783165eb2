import type { MiddlewareHandler } from 'hono';
import { Problem } from '../errors.ts';

/** For an address that takes nothing else, where the other methods would find a job of that name. */
export function onlyPost(): MiddlewareHandler {
  return async function checkMethod(c, next) {
    if (c.req.method !== 'POST')
      throw new Problem('method-not-allowed', `${c.req.method} does not fit this address; POST does.`, {
        headers: { Allow: 'POST' },
      });
    await next();
  };
}
