/** Whatever a handler threw, as a type, a message and a few lines that a person can read. */
import { inspect, types } from 'node:util';
import { BUDGETS } from '../contract/budgets.ts';
import { clip } from '../contract/clip.ts';

/** All well-formed and within their budgets. */
export interface PlainError {
  readonly type: string;
  readonly message: string;
  /** Where it was thrown, and a line for each of its causes. */
  readonly stack?: string;
}

const { get } = Reflect;
const { DOMException } = globalThis;
const { isNativeError } = types;

/** So many causes are told; of more, that there are more. */
const CAUSES_TOLD = 5;
const CAUSE_BYTES = 256;
/** Of an error that gathers others. */
const ERRORS_TOLD = 3;
const CODE_LENGTH = 64;
const HALF_OF_STACK = BUDGETS.errorStack / 2;

/** Reads each property once, since it may be a getter, and goes on without those that throw. */
export function plainError(thrown: unknown): PlainError {
  const { type, message } = described(thrown);
  const places = isObject(thrown) ? placesIn(read(thrown, 'stack')) : '';
  const lines = [places, causesOf(thrown).join('\n')].filter((text) => text !== '');
  return {
    type: clip(type, BUDGETS.errorType),
    message: clip(message, BUDGETS.errorMessage),
    ...(lines.length > 0 && { stack: lines.map((text) => clip(text, HALF_OF_STACK - 2)).join('\n') }),
  };
}

/** `undefined` for what cannot be read. */
export function read(of: object, key: string): unknown {
  try {
    return get(of, key);
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function described(thrown: unknown): Pick<PlainError, 'type' | 'message'> {
  if (typeof thrown === 'string') return { type: 'Error', message: textOf(thrown) ?? 'an empty text was thrown' };
  if (!isObject(thrown)) return { type: 'Error', message: `${shown(thrown)} was thrown` };
  const type = typeOf(thrown);
  const message = textOf(read(thrown, 'message')) ?? (isNativeError(thrown) ? type : undefined);
  const code = codeOf(thrown);
  if (message === undefined) return { type, message: code === undefined ? shown(thrown) : `${type} (code ${code})` };
  return { type, message: code === undefined || message.includes(code) ? message : `${message} (code ${code})` };
}

/** By its name; by its class where it has no name of its own. */
function typeOf(thrown: object): string {
  const name = read(thrown, 'name');
  if (isText(name) && name !== 'Error') return name;
  const made = read(thrown, 'constructor');
  const className = typeof made === 'function' ? read(made, 'name') : undefined;
  return isText(className) && className !== 'Object' ? className : 'Error';
}

/** What a message says, or `undefined` when it says nothing. */
function textOf(message: unknown): string | undefined {
  if (typeof message === 'string') return isText(message) ? message : undefined;
  return message === undefined || message === null ? undefined : shown(message);
}

/** Such as `ECONNREFUSED`, or a database's `23505`. */
function codeOf(thrown: object): string | undefined {
  // Those numbers are older than its names, and say less.
  if (isDomException(thrown)) return undefined;
  const code = read(thrown, 'code');
  if (typeof code !== 'number' && typeof code !== 'string') return undefined;
  return `${code}`.slice(0, CODE_LENGTH) || undefined;
}

function isDomException(thrown: object): boolean {
  try {
    return thrown instanceof DOMException;
  } catch {
    return false;
  }
}

function shown(value: unknown): string {
  try {
    // Runs no code of the value's own.
    return inspect(value, {
      depth: 1,
      breakLength: Infinity,
      compact: true,
      customInspect: false,
      maxArrayLength: 10,
      maxStringLength: 1_000,
    });
  } catch {
    return `something that cannot be shown (${typeof value})`;
  }
}

/** Stack lines alone: what stands before them is the message, of any length. */
function placesIn(stack: unknown): string {
  if (typeof stack !== 'string') return '';
  const first = stack.search(/^ +at /m);
  return first === -1 ? '' : stack.slice(first, first + HALF_OF_STACK).replaceAll(/^ +at /gm, 'at ');
}

/** The chain of causes, nearest first. */
function causesOf(thrown: unknown): string[] {
  const lines: string[] = [];
  const seen = new Set<unknown>();
  for (let error = thrown; isObject(error) && !seen.has(error);) {
    seen.add(error);
    for (const part of errorsOf(error)) lines.push(clip(`among them ${lineOf(part)}`, CAUSE_BYTES));
    const cause = read(error, 'cause');
    if (cause === undefined || cause === null || seen.has(cause)) return lines;
    if (seen.size > CAUSES_TOLD) return [...lines, 'and so on'];
    lines.push(clip(`caused by ${lineOf(cause)}`, CAUSE_BYTES));
    error = cause;
  }
  return lines;
}

/** Of an `AggregateError`. */
function errorsOf(error: object): unknown[] {
  const errors = read(error, 'errors');
  try {
    return Array.isArray(errors) ? errors.slice(0, ERRORS_TOLD) : [];
  } catch {
    return [];
  }
}

function lineOf(thrown: unknown): string {
  const { type, message } = described(thrown);
  return `${type.slice(0, CAUSE_BYTES)}: ${message.slice(0, CAUSE_BYTES)}`.replaceAll(/\s*\n\s*/g, ' ');
}
