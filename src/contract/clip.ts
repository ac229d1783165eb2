/** Sizes as they count in a history, and texts cut to them. Everything there is JSON in UTF-8, so a control character weighs six bytes. */

const UTF8 = new TextEncoder();

/** Stands at the end of a text that was cut. */
export const CLIPPED = ' … (cut short)';

export function utf8Bytes(text: string): number {
  return UTF8.encode(text).length;
}

/** What a value weighs in a payload. Nothing for what JSON leaves out. @throws what `JSON.stringify` throws */
export function jsonBytes(value: unknown): number {
  return utf8Bytes(JSON.stringify(value) ?? '');
}

const CLIPPED_BYTES = jsonBytes(CLIPPED) - 2;

/**
 * The text, well-formed, if it fits; else as much of its beginning as does, and a word that this is not all.
 * @param bytes what the text may weigh within a JSON string; no less than that word
 */
export function clip(text: string, bytes: number): string {
  // Each UTF-16 unit weighs a byte or more, so nobody need look at the rest of a long text.
  const beginning = text.slice(0, bytes + 1).toWellFormed();
  let weight = 0;
  let kept = 0;
  for (const character of beginning) {
    weight += weightOf(character);
    if (weight > bytes) return beginning.slice(0, kept) + CLIPPED;
    if (weight + CLIPPED_BYTES <= bytes) kept += character.length;
  }
  return beginning;
}

const SHORT_ESCAPES: ReadonlySet<string> = new Set(['"', '\\', '\b', '\f', '\n', '\r', '\t']);

/** Of one character within a JSON string. */
function weightOf(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (SHORT_ESCAPES.has(character)) return 2;
  if (code < 0x20) return 6;
  if (code < 0x80) return 1;
  if (code < 0x8_00) return 2;
  return code < 0x1_00_00 ? 3 : 4;
}
