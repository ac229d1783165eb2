import type { MiddlewareHandler } from 'hono';
import { Problem } from '../errors.ts';
import { escapesUtf8 } from '../utf8.ts';

/** Refuses addresses with escaped bytes that are not UTF-8. Unescaped ones Node refuses itself. */
export function readableAddress(): MiddlewareHandler {
  return async function checkAddress(c, next) {
    if (!escapesUtf8(c.req.url))
      throw new Problem('malformed-address', 'Bytes that the address escapes with % are not UTF-8.');
    await next();
  };
}
