import type { MiddlewareHandler } from 'hono';
import { Problem } from '../errors.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses what pages of other sites make a browser send. Not Hono's `csrf`: that one refuses curl too when it sends no body, and
 * lets JSON of any origin pass. Browsers say where a request comes from; who says nothing is no browser and has no login to abuse.
 */
export function sameSite(): MiddlewareHandler {
  return async function checkOrigin(c, next) {
    if (!SAFE.has(c.req.method) && isFromElsewhere(c.req.header('sec-fetch-site'), c.req.header('origin'), c.req.url))
      throw new Problem('cross-site-request', 'A page of another site asked for this, so nothing was done.');
    await next();
  };
}

function isFromElsewhere(site: string | undefined, origin: string | undefined, url: string): boolean {
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  // The host alone: behind a proxy that ends TLS, the browser's scheme is another.
  return origin !== undefined && URL.parse(origin)?.host !== new URL(url).host;
}
