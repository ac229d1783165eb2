/** Whatever a handler hands over, as JSON text: a copy, well-formed, and no longer than there is room for. */
// Taken before any handler runs: an application may replace them, for a moment or for good.
const { parse, stringify } = JSON;
const byteLength = Buffer.byteLength.bind(Buffer);

/** Deeper ones overflow the stack of somebody who reads them later. */
const MOST_LEVELS = 500;

/** A problem completes a sentence about the value, such as "is 12 levels deep". */
export type PlainJson = { readonly text: string } | { readonly problem: string };

/** Reads every getter once. Never throws. @param limitBytes of the text in UTF-8 */
export function plainJson(value: unknown, limitBytes: number): PlainJson {
  let written: string | undefined;
  try {
    written = stringify(value);
  } catch (error) {
    return { problem: `is no JSON: ${firstLineOf(error)}` };
  }
  if (written === undefined) return { problem: `is no JSON: it is a ${typeof value}` };
  const text = wellFormed(written);
  const bytes = byteLength(text);
  if (bytes > limitBytes) return { problem: `has ${bytes} bytes as JSON, and ${limitBytes} are possible` };
  if (isTooDeep(text)) return { problem: `is nested more than ${MOST_LEVELS} levels deep` };
  return { text };
}

export function parseJson(text: string): unknown {
  return parse(text);
}

/** Any escape; half a surrogate pair is always written as one, and the other escapes are matched so that none is begun in its middle. */
const ESCAPE = /\\(?:u(?<half>d[89a-f][\da-f]{2})|.)/g;

function wellFormed(text: string): string {
  if (!text.includes(String.raw`\ud`)) return text;
  return text.replace(ESCAPE, (escape, half: string | undefined) => (half === undefined ? escape : '\uFFFD'));
}

function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth -= 1;
    if (depth > MOST_LEVELS) return true;
  }
  return false;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

/** Why it is no JSON, which the engine says in its first line. */
function firstLineOf(error: unknown): string {
  try {
    const { message } = error as Error;
    return message.slice(0, 200).split('\n', 1)[0] ?? '';
  } catch {
    return 'it throws when it is read';
  }
}
