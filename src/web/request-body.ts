/** Bodies of requests as they come in. */
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';

/** On a socket. Without one, as in tests of the application alone, there is no Node request. */
export function incomingOf(c: Context): HttpBindings['incoming'] | undefined {
  return (c.env as Partial<HttpBindings> | undefined)?.incoming;
}

/**
 * A body in its pieces. On a socket these are Node's own, since a web stream around them costs more than the rest of a request, and
 * holds up what reads on after a refusal. A reader that stops early leaves the connection open, so that an answer can be sent.
 */
export function bodyOf(c: Context): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  return incomingOf(c)?.iterator({ destroyOnReturn: false }) ?? c.req.raw.body ?? [];
}

/** Says that the body is wanted, to a caller that sends it only then (`Expect: 100-continue`, as curl does with long ones). */
export function askForBody(c: Context): void {
  if (/\b100-continue\b/i.test(c.req.header('expect') ?? ''))
    (c.env as Partial<HttpBindings> | undefined)?.outgoing?.writeContinue();
}

/** How long the body is, as the request says it; Node holds a request to that. `undefined` for one in chunks. */
export function declaredBytes(c: Context): number | undefined {
  const length = c.req.header('content-length');
  if (length !== undefined) return Number(length);
  // RFC 9112, section 6.3: a request that says neither has none.
  return incomingOf(c) && c.req.header('transfer-encoding') === undefined ? 0 : undefined;
}
