import { ConfigError } from '../config.ts';

/** Thrown when this machine cannot run the development stack. The message says what is wrong and what to do; no stack trace helps. */
export class DevelopmentError extends Error {
  override readonly name = 'DevelopmentError';
}

/** For a person at a terminal: the message alone when it was written for them, the stack when it is a fault of ours. */
export function describeError(error: unknown): string {
  if (error instanceof DevelopmentError || error instanceof ConfigError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
