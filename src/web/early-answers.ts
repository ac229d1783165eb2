/**
 * Answers that come before their request has been read, as most refusals do, must arrive all the same. A server that closes while its
 * caller still sends makes the caller's machine throw the answer away (RFC 9112, section 9.6); so it says `Connection: close`, reads
 * on for a while, and only then closes.
 */
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Http2Bindings, HttpBindings } from '@hono/node-server';

interface ReadsOn {
  /** @format milliseconds */
  readonly forMs: number;
  /** @format bytes */
  readonly bytes: number;
}

const MIB = 1024 * 1024;

/** As long as nginx lingers, and two of the longest bulk requests: those come whole, from callers that send everything before they read. */
const OF_A_USER: ReadsOn = { forMs: 30_000, bytes: 128 * MIB };
/** Twice the longest single request. Who has not logged in may not keep this server busy with more; such a caller may see a reset. */
const OF_A_STRANGER: ReadsOn = { forMs: 10_000, bytes: 4 * MIB };
/** Of those who have not logged in, or were wrong too often. */
const TO_STRANGERS: ReadonlySet<number> = new Set([401, 429]);

/** A request as Node reads it; `complete` once all of it has come. */
type Incoming = Readable & { readonly complete: boolean };
type Fetch = (request: Request, env: HttpBindings | Http2Bindings) => Response | Promise<Response>;

/** Makes refusals wait for the rest of their request. An answer that is no refusal is made while its request is read. */
export function withEarlyAnswers(fetch: Fetch): Fetch {
  return async (request, env) => {
    const response = await fetch(request, env);
    return response.ok || env.incoming.complete ? response : answerEarly(response, env.incoming);
  };
}

async function answerEarly(response: Response, incoming: Incoming): Promise<Response> {
  const body = await response.bytes();
  const headers = new Headers(response.headers);
  headers.set('Connection', 'close');
  // With its length the caller knows where the answer ends, although it is held open.
  headers.set('Content-Length', String(body.byteLength));
  const readsOn = TO_STRANGERS.has(response.status) ? OF_A_STRANGER : OF_A_USER;
  return new Response(ReadableStream.from(heldOpen(body, incoming, readsOn)), { status: response.status, headers });
}

async function* heldOpen(body: Uint8Array, incoming: Incoming, readsOn: ReadsOn): AsyncGenerator<Uint8Array> {
  yield body;
  await readOn(incoming, readsOn);
}

/** Reads what is still to come, and forgets it; within bounds, after which the connection is cut off. Never rejects. */
export async function readOn(incoming: Incoming, { forMs, bytes }: ReadsOn = OF_A_USER): Promise<void> {
  if (incoming.complete || incoming.destroyed) return;
  const forget = async (chunks: AsyncIterable<Uint8Array>): Promise<void> => {
    let left = bytes;
    for await (const { byteLength } of chunks) {
      left -= byteLength;
      if (left < 0) throw new Error('the caller sends without end');
    }
  };
  await pipeline(incoming, forget, { signal: AbortSignal.timeout(forMs) }).catch(() => undefined);
}
