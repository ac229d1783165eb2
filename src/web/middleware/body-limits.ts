import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { LIMITS } from '../../contract/limits.ts';
import { Problem } from '../errors.ts';

/** Refuses bodies that are too long. Those for the address `streamed` are read as they come, under a limit of their own. */
export function bodyLimits({ streamed }: { readonly streamed: string }): MiddlewareHandler {
  const limit = bodyLimit({ maxSize: LIMITS.requestBytes, onError: refuse });
  return async function limitBody(c, next) {
    return c.req.path === streamed ? next() : limit(c, next);
  };
}

function refuse(): never {
  throw new Problem('body-too-large', `A request body has at most ${LIMITS.requestBytes} bytes.`);
}
