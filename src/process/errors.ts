import { ConfigError } from '../config.ts';

/** Thrown when this machine cannot run what was asked of it. The message says what is wrong and what to do; no stack trace helps. */
export class MachineError extends Error {
  override readonly name = 'MachineError';
}

/** For a person at a terminal: the message alone when it was written for them, the stack when it is a fault of ours. */
export function describeError(error: unknown): string {
  if (error instanceof MachineError || error instanceof ConfigError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
