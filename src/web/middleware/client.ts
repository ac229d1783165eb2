import type { BlockList } from 'node:net';
import type { MiddlewareHandler } from 'hono';
import { clientAddress } from '../client-address.ts';
import { incomingOf } from '../request-body.ts';

declare module 'hono' {
  interface ContextVariableMap {
    /** Where the request comes from; `unknown` without a socket, or on one that is closed already. */
    clientAddress: string;
  }
}

/** @param trustedProxies whose `X-Forwarded-For` is believed */
export function client(trustedProxies: BlockList): MiddlewareHandler {
  return async function nameClient(c, next) {
    const peer = incomingOf(c)?.socket.remoteAddress ?? 'unknown';
    c.set('clientAddress', clientAddress(peer, c.req.header('x-forwarded-for'), trustedProxies));
    await next();
  };
}
