/** What asks a program to stop: a terminal's Ctrl-C, its hanging up, a service manager, a parent. `docs/signals.md` says what each does. */
import type { Environment } from '../config/config.ts';

/** The first wish asks for an orderly stop, the second to hurry. The process stays alive until this is disposed of. */
export interface StopSignals extends Disposable {
  readonly first: AbortSignal;
  readonly second: AbortSignal;
}

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** One Ctrl-C arrives twice under npm and under process managers: from the terminal, and from the parent that passes it on. */
const SAME_WISH_MS = 1_000;

/**
 * Signals of the first second are one wish; one that comes later is the second. A signal that was ignored when the program was
 * started (`nohup`, a script's `&`) stays ignored.
 * @param environment `HOLDFAST_IGNORED_SIGNALS` names them, as in `SIGHUP SIGINT`: Node has forgotten them, so `bin/node` looks before
 */
export function listenForStop(environment: Environment): StopSignals {
  const first = new AbortController();
  const second = new AbortController();
  let firstIsOver = false;
  const listener = (): void => {
    if (firstIsOver) second.abort();
    if (first.signal.aborted) return;
    first.abort();
    // In a process that computes, signals wait too: what came meanwhile is heard before the `setImmediate`.
    setTimeout(() => setImmediate(() => (firstIsOver = true)), SAME_WISH_MS).unref();
  };
  const ignored = new Set(environment['HOLDFAST_IGNORED_SIGNALS']?.split(' '));
  const listeners = STOP_SIGNALS.map((signal) => [signal, ignored.has(signal) ? ignore : listener] as const);
  for (const [signal, heard] of listeners) process.on(signal, heard);
  // Listening for signals alone does not keep Node running.
  const alive = setInterval(() => {}, 2 ** 30);
  return {
    first: first.signal,
    second: second.signal,
    [Symbol.dispose]() {
      for (const [signal, heard] of listeners) process.off(signal, heard);
      clearInterval(alive);
    },
  };
}

/** For a child whose parent hears the same signals, since both are of one process group, and tells it what to do. */
export function leaveSignalsToParent(): void {
  for (const signal of STOP_SIGNALS) process.on(signal, ignore);
}

/** Resolves at the abort, at once when it has happened. */
export function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  else signal.addEventListener('abort', () => resolve(), { once: true });
  return promise;
}

/** Without a listener the signal would end the process. */
function ignore(): void {}
