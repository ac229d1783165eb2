import type { MiddlewareHandler } from 'hono';
import type { WebConfig } from '../../config/config.ts';
import { Problem } from '../errors.ts';

const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

/**
 * Refuses requests for other host names. Without this, a site could point its own name at this address and have its visitors'
 * browsers read the pages (DNS rebinding), login or not.
 */
export function knownHost({ host, allowedHosts }: WebConfig): MiddlewareHandler {
  const known = new Set([...LOOPBACK, host, ...allowedHosts].map((name) => name.toLowerCase()));
  return async function checkHost(c, next) {
    const name = new URL(c.req.url).hostname.toLowerCase().replace(/^\[|\]$/g, '');
    if (!known.has(name))
      throw new Problem(
        'unknown-host',
        `This server does not go by the name ${name}. Use localhost, or start it with HOLDFAST_ALLOWED_HOSTS=${name}.`,
      );
    await next();
  };
}
