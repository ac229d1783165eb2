import { shellQuote } from './shell-quote.ts';

/** What follows `--queue` in a shell, so that a worker serves just this queue: `tenant:42` alone would be `tenant`, 42 jobs at a time. */
export function queueArgument(queue: string): string {
  return shellQuote(/:\d+$/.test(queue) ? `${queue}=` : queue);
}
