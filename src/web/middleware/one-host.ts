import type { MiddlewareHandler } from 'hono';
import { Problem } from '../errors.ts';

/** Refuses requests with several Host headers, of which a proxy may have checked another than we would: RFC 9112, section 3.2. */
export function oneHost(): MiddlewareHandler {
  return async function checkHosts(c, next) {
    // Several headers of a name come joined by commas, which no host name holds.
    if (c.req.header('host')?.includes(','))
      throw new Problem('several-hosts', 'The request has more than one Host header.');
    await next();
  };
}
