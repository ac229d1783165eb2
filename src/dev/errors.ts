/** Thrown when this machine cannot run the development stack. The message says what is wrong and what to do; no stack trace helps. */
export class DevelopmentError extends Error {
  override readonly name = 'DevelopmentError';
}
