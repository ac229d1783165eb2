/** Text off the wire is UTF-8 or refused: any other reading of its bytes would change a letter of somebody's job. */
import { isUtf8 } from 'node:buffer';

/** Skips a byte order mark in front, which Windows programs write. */
const decoder = new TextDecoder('utf-8', { fatal: true });

/** @returns `undefined` for bytes that are not UTF-8 */
export function decodeUtf8(bytes: ArrayBuffer | Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

const ESCAPED_BYTES = /(?:%[\da-f]{2})+/gi;

/** Whether what is escaped in an address, as in `?name=Ren%C3%A9e`, is UTF-8. A `%` that escapes nothing stands for itself. */
export function escapesUtf8(address: string): boolean {
  const escaped = address.match(ESCAPED_BYTES) ?? [];
  return escaped.every((bytes) => isUtf8(Buffer.from(bytes.replaceAll('%', ''), 'hex')));
}
