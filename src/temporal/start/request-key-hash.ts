/** Short hashes of request keys, as a group's memo carries them. They only narrow a search down: the item has the key itself. */
import { createHash } from 'node:crypto';

/** 36 bits: among a million keys, fifteen in a million lookups meet a wrong one first, and see that it is. @format characters */
const LENGTH = 6;

export function hashRequestKey(key: string): string {
  return createHash('sha256').update(key).digest('base64url').slice(0, LENGTH);
}

export function readHashes(joined: string): string[] {
  return Array.from({ length: Math.floor(joined.length / LENGTH) }, (_, at) =>
    joined.slice(at * LENGTH, (at + 1) * LENGTH),
  );
}
