/** The first signal asks for an orderly stop, the second to hurry. The process stays alive until this is disposed of. */
export interface StopSignals extends Disposable {
  readonly first: AbortSignal;
  readonly second: AbortSignal;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function listenForStop(): StopSignals {
  const first = new AbortController();
  const second = new AbortController();
  const listener = (): void => (first.signal.aborted ? second : first).abort();
  for (const signal of SIGNALS) process.on(signal, listener);
  // Listening for signals alone does not keep Node running.
  const alive = setInterval(() => {}, 2 ** 30);
  return {
    first: first.signal,
    second: second.signal,
    [Symbol.dispose]() {
      for (const signal of SIGNALS) process.off(signal, listener);
      clearInterval(alive);
    },
  };
}

/** Resolves at the abort, at once when it has happened. */
export function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  else signal.addEventListener('abort', () => resolve(), { once: true });
  return promise;
}
