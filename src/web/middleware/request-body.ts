import { MIMEType } from 'node:util';
import type { Context, MiddlewareHandler } from 'hono';
import { LIMITS } from '../../contract/limits.ts';
import { Problem } from '../errors.ts';
import { askForBody, bodyOf, declaredBytes } from '../request-body.ts';
import { decodeUtf8, escapesUtf8 } from '../utf8.ts';

const WITHOUT_BODY = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Reads bodies whole, once, and refuses those that are too long, encoded, or not UTF-8. Those for the address `streamed` are read as
 * they come, under limits of their own. Not Hono's `bodyLimit`: it makes a web stream of every body, which takes a third of web's time.
 */
export function requestBody({ streamed }: { readonly streamed: string }): MiddlewareHandler {
  return async function readBody(c, next) {
    if (WITHOUT_BODY.has(c.req.method)) return next();
    checkHeaders(c);
    if (c.req.path !== streamed) {
      const text = decodeUtf8(await readWhole(c));
      if (text === undefined || (isForm(c) && !escapesUtf8(text)))
        throw new Problem('malformed-body', 'The body is not UTF-8.');
      // Where Hono looks before it decodes a body itself. It keeps promises here, whatever its typings say.
      Object.assign(c.req.bodyCache, { text: Promise.resolve(text) });
    }
    return next();
  };
}

function checkHeaders(c: Context): void {
  const encoding = c.req.header('content-encoding') ?? '';
  if (!/^(identity)?$/i.test(encoding))
    throw new Problem('unsupported-media-type', `Send the body without Content-Encoding, not as ${encoding}.`, {
      // RFC 9110, section 12.5.3: this is how an answer says which encodings a request may have.
      headers: { 'Accept-Encoding': 'identity' },
    });
  const charset = charsetOf(c.req.header('content-type') ?? '');
  if (!/^utf-?8$/i.test(charset))
    throw new Problem('unsupported-media-type', `Send the body in UTF-8, not in ${charset}.`);
}

/** @default utf-8, as that of JSON is */
function charsetOf(contentType: string): string {
  if (!contentType.includes(';')) return 'utf-8';
  try {
    return new MIMEType(contentType).params.get('charset') ?? 'utf-8';
  } catch {
    // What is no type at all is refused by the route, which knows the right one.
    return 'utf-8';
  }
}

function isForm(c: Context): boolean {
  return /^application\/x-www-form-urlencoded\b/i.test(c.req.header('content-type') ?? '');
}

async function readWhole(c: Context): Promise<ArrayBuffer> {
  const declared = declaredBytes(c);
  if (declared === 0) return new ArrayBuffer();
  if (declared !== undefined && declared > LIMITS.requestBytes) throw tooLarge();
  askForBody(c);
  try {
    if (declared === undefined) c.req.raw = withBody(c.req.raw, await readCounting(c));
    return await c.req.arrayBuffer();
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw new Problem('malformed-body', 'The body broke off.', { cause });
  }
}

function withBody({ url, method, headers, signal }: Request, body: Uint8Array<ArrayBuffer>): Request {
  return new Request(url, { method, headers, signal, body });
}

async function readCounting(c: Context): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of bodyOf(c)) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes > LIMITS.requestBytes) throw tooLarge();
  }
  return Buffer.concat(chunks);
}

function tooLarge(): Problem {
  return new Problem('body-too-large', `A request body has at most ${LIMITS.requestBytes} bytes.`);
}
